package dcmfhir;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.hl7.fhir.r4.formats.IParser.OutputStyle;
import org.hl7.fhir.r4.formats.JsonParser;
import org.hl7.fhir.r4.formats.XmlParser;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Resource;

/**
 * Definitions JAR FOLDER: the package hl7.fhir.r4.core, which no registry has, of the Bundles of
 * the same definitions in HAPI's jar.
 */
public class Definitions {
  private static final String BUNDLES =
      "org/hl7/fhir/r4/model/(extension|profile|valueset|sp)/.*\\.xml";
  private static final String PACKAGE =
      "{\"name\":\"hl7.fhir.r4.core\",\"version\":\"4.0.1\",\"tools-version\":3,"
          + "\"type\":\"Core\",\"license\":\"CC0-1.0\",\"canonical\":\"http://hl7.org/fhir\","
          + "\"url\":\"http://hl7.org/fhir/R4/\",\"title\":\"FHIR R4 Core\","
          + "\"description\":\"definitions of FHIR R4\",\"fhirVersions\":[\"4.0.1\"],"
          + "\"author\":\"HL7\",\"date\":\"20191101092900\"}";

  public static void main(String[] args) throws Exception {
    Path folder = Paths.get(args[1], "package");
    Files.createDirectories(folder);
    try (ZipFile jar = new ZipFile(args[0])) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        if (entry.getName().matches(BUNDLES)) {
          unpack(jar, entry, folder);
        }
      }
    }
    Files.writeString(folder.resolve("package.json"), PACKAGE);
  }

  private static void unpack(ZipFile jar, ZipEntry entry, Path folder) throws Exception {
    Bundle bundle;
    try (InputStream in = jar.getInputStream(entry)) {
      bundle = (Bundle) new XmlParser().parse(in);
    }
    for (Bundle.BundleEntryComponent one : bundle.getEntry()) {
      Resource resource = one.getResource();
      if (resource == null) {
        continue;
      }
      String name = resource.fhirType() + "-" + resource.getIdBase() + ".json";
      try (OutputStream out = Files.newOutputStream(folder.resolve(name))) {
        new JsonParser().setOutputStyle(OutputStyle.NORMAL).compose(out, resource);
      }
    }
  }
}
