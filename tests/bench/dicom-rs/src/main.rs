//! dicom-rs reads headers and prints so many tags of each as DICOM JSON:
//! dicom-rs-headers TAGS LIST
use std::fs;
use std::io::{self, BufWriter, Write};

use dicom_core::Tag;
use dicom_object::{InMemDicomObject, OpenFileOptions};

fn read_tags(path: &str) -> Vec<Tag> {
    let text = fs::read_to_string(path).expect("the tags");
    text.lines()
        .filter_map(|line| {
            let (group, element) = line.split_once(',')?;
            Some(Tag(
                u16::from_str_radix(group, 16).ok()?,
                u16::from_str_radix(element, 16).ok()?,
            ))
        })
        .collect()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let tags = read_tags(&arguments.next().expect("TAGS"));
    let list = fs::read_to_string(arguments.next().expect("LIST")).expect("the list");
    let mut out = BufWriter::new(io::stdout().lock());
    for path in list.lines() {
        let file = OpenFileOptions::new()
            .read_until(Tag(0x7fe0, 0x0010))
            .open_file(path)
            .expect(path);
        let wanted = InMemDicomObject::from_element_iter(
            tags.iter()
                .filter_map(|tag| file.element_opt(*tag).ok().flatten())
                .cloned(),
        );
        let json = dicom_json::to_string(&wanted).expect("JSON");
        writeln!(out, "{json}").expect("output");
    }
}
