#include "dcm_dcmtk.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcostrmb.h"
#include "dcmtk/oflog/oflog.h"
#include "dcmtk/oflog/appender.h"
#include "dcmtk/oflog/logger.h"
#include "dcmtk/oflog/spi/filter.h"

#include "arena.h"

static DcmItem *to(dcmtk_item *item)
{
	return reinterpret_cast<DcmItem *>(item);
}

static DcmElement *to(dcmtk_element *element)
{
	return reinterpret_cast<DcmElement *>(element);
}

static DcmSequenceOfItems *sequence(dcmtk_element *element)
{
	return static_cast<DcmSequenceOfItems *>(to(element));
}

static dcmtk_item *from(DcmItem *item)
{
	return reinterpret_cast<dcmtk_item *>(item);
}

static dcmtk_element *from(DcmElement *element)
{
	return reinterpret_cast<dcmtk_element *>(element);
}

/*
 * What DCMTK has to say of our files goes into our errors, not to the console.
 * A program that uses it besides goes on logging: only what comes of our calls
 * is kept back.
 */
static thread_local bool is_ours;

class Silence : public dcmtk::log4cplus::spi::Filter
{
      public:
	dcmtk::log4cplus::spi::FilterResult
	decide(const dcmtk::log4cplus::spi::InternalLoggingEvent &)
		const override
	{
		return is_ours ? dcmtk::log4cplus::spi::DENY
			       : dcmtk::log4cplus::spi::NEUTRAL;
	}

	static void install()
	{
		for (auto &appender :
		     dcmtk::log4cplus::Logger::getRoot().getAllAppenders()) {
			dcmtk::log4cplus::spi::FilterPtr filter(new Silence);

			filter->next = appender->getFilter();
			appender->setFilter(filter);
		}
	}
};

/* Around a call of DCMTK that may have something to say. */
class Call
{
      public:
	Call()
	{
		static std::once_flag once;

		std::call_once(once, Silence::install);
		is_ours = true;
	}
	~Call()
	{
		is_ours = false;
	}
};

static E_TransferSyntax transfer_syntax(const dcmtk_syntax *syntax)
{
	DcmXfer named(syntax->uid && *syntax->uid ? syntax->uid : "-");

	/* deflated datasets arrive inflated */
	if (named.getXfer() != EXS_Unknown &&
	    named.getStreamCompression() == ESC_none &&
	    named.isExplicitVR() == syntax->explicit_vr &&
	    named.isBigEndian() == syntax->big_endian)
		return named.getXfer();
	if (syntax->explicit_vr)
		return syntax->big_endian ? EXS_BigEndianExplicit
					  : EXS_LittleEndianExplicit;
	return syntax->big_endian ? EXS_BigEndianImplicit
				  : EXS_LittleEndianImplicit;
}

/* What comes behind a place in the bytes. */
class Rest : public DcmInputStreamFactory
{
      public:
	Rest(const char *bytes, offile_off_t length) : at(bytes), left(length)
	{
	}
	DcmInputStream *create() const override
	{
		DcmInputBufferStream *stream = new DcmInputBufferStream;

		stream->setBuffer(at, left);
		stream->setEos();
		return stream;
	}
	DcmInputStreamFactory *clone() const override
	{
		return new Rest(*this);
	}
	DcmInputStreamFactoryType ident() const override
	{
		return DFT_DcmInputFileStreamFactory;
	}

      private:
	const char *at;
	offile_off_t left;
};

/* Long values are passed over and loaded later: DCMTK sets aside what a length
 * claims, up to 4 GB, before it looks whether that much is there. */
class Bytes : public DcmInputBufferStream
{
      public:
	Bytes(const void *bytes, size_t size)
	    : start(static_cast<const char *>(bytes)),
	      length(static_cast<offile_off_t>(size))
	{
		setBuffer(bytes, length);
		setEos();
	}
	DcmInputStreamFactory *newFactory() const override
	{
		return new Rest(start + tell(), length - tell());
	}

      private:
	const char *start;
	offile_off_t length;
};

static OFCondition read(DcmObject &object, const void *bytes, size_t length,
			E_TransferSyntax xfer)
{
	Bytes in(bytes, length);
	OFCondition answer;
	Call call;

	object.transferInit();
	answer = object.read(in, xfer, EGL_noChange, DCM_MaxReadLength);
	object.transferEnd();
	if (answer == EC_MemoryExhausted)
		out_of_memory();
	if (answer.good() && in.tell() != static_cast<offile_off_t>(length))
		answer = EC_CorruptedData;
	if (answer.good())
		answer = object.loadAllDataIntoMemory();
	return answer;
}

/* ---- parsing ---- */

dcmtk_item *dcmtk_parse(const void *bytes, size_t length,
			const dcmtk_syntax *syntax, char fault[160]) noexcept
try {
	DcmDataset *dataset = new DcmDataset;
	OFCondition answer;

	*fault = '\0';
	if (!length)
		return from(dataset);
	answer = read(*dataset, bytes, length, transfer_syntax(syntax));
	if (answer.good())
		return from(dataset);
	std::snprintf(fault, 160, "%s", answer.text());
	delete dataset;
	return nullptr;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

dcmtk_item *dcmtk_new(void) noexcept
try {
	return from(new DcmDataset);
} catch (const std::bad_alloc &) {
	out_of_memory();
}

void dcmtk_free(dcmtk_item *dataset) noexcept
try {
	delete to(dataset);
} catch (const std::bad_alloc &) {
	out_of_memory();
}

/* ---- looking ---- */

dcmtk_element *dcmtk_next(dcmtk_item *item, dcmtk_element *before) noexcept
try {
	return from(static_cast<DcmElement *>(
		to(item)->nextInContainer(before ? to(before) : nullptr)));
} catch (const std::bad_alloc &) {
	out_of_memory();
}

dcmtk_element *dcmtk_find(dcmtk_item *item, uint16_t group,
			  uint16_t element) noexcept
try {
	DcmElement *found = nullptr;

	if (to(item)->findAndGetElement(DcmTagKey(group, element), found).bad())
		return nullptr;
	return from(found);
} catch (const std::bad_alloc &) {
	out_of_memory();
}

void dcmtk_look(dcmtk_element *element, dcmtk_info *info) noexcept
try {
	DcmElement *it = to(element);

	info->group = it->getGTag();
	info->element = it->getETag();
	std::snprintf(info->vr, sizeof(info->vr), "%s",
		      DcmVR(it->getVR()).getValidVRName());
	info->is_sequence = it->ident() == EVR_SQ;
	info->length = 0;
	info->items = 0;
	if (info->is_sequence)
		info->items = sequence(element)->card();
	else if (it->getLengthField() != DCM_UndefinedLength)
		info->length = it->getLengthField();
} catch (const std::bad_alloc &) {
	out_of_memory();
}

bool dcmtk_value(dcmtk_element *element, void *value, size_t length) noexcept
try {
	Call call;

	if (!length)
		return true;
	return to(element)
		->getPartialValue(value, 0, static_cast<Uint32>(length),
				  nullptr, EBO_LittleEndian)
		.good();
} catch (const std::bad_alloc &) {
	out_of_memory();
}

dcmtk_item *dcmtk_item_at(dcmtk_element *element, size_t index) noexcept
try {
	return from(
		sequence(element)->getItem(static_cast<unsigned long>(index)));
} catch (const std::bad_alloc &) {
	out_of_memory();
}

dcmtk_item *dcmtk_item_next(dcmtk_element *element, dcmtk_item *before) noexcept
try {
	return from(static_cast<DcmItem *>(sequence(element)->nextInContainer(
		before ? to(before) : nullptr)));
} catch (const std::bad_alloc &) {
	out_of_memory();
}

/* ---- changing ---- */

static bool insert(dcmtk_item *item, DcmElement *element)
{
	if (to(item)->insert(element, OFTrue).good())
		return true;
	delete element;
	return false;
}

static void append_u16(std::vector<unsigned char> &bytes, size_t value)
{
	bytes.push_back(static_cast<unsigned char>(value & 0xff));
	bytes.push_back(static_cast<unsigned char>(value >> 8 & 0xff));
}

/* An element as it is in explicit VR little endian. */
static std::vector<unsigned char>
element_bytes(uint16_t group, uint16_t element, const char *vr, bool extended,
	      size_t length, const void *value, size_t value_length)
{
	const unsigned char *start = static_cast<const unsigned char *>(value);
	std::vector<unsigned char> bytes;

	append_u16(bytes, group);
	append_u16(bytes, element);
	bytes.push_back(static_cast<unsigned char>(vr[0]));
	bytes.push_back(static_cast<unsigned char>(vr[1]));
	if (extended)
		append_u16(bytes, 0);
	append_u16(bytes, length & 0xffff);
	if (extended)
		append_u16(bytes, length >> 16);
	if (value_length)
		bytes.insert(bytes.end(), start, start + value_length);
	return bytes;
}

/* The value is given to DCMTK as a dataset of one element: that takes any VR
 * in the same way, and no putString edits what it is given. */
static DcmElement *parsed(const std::vector<unsigned char> &bytes)
{
	DcmDataset one;

	if (read(one, bytes.data(), bytes.size(), EXS_LittleEndianExplicit)
		    .good() &&
	    one.card() == 1)
		return one.remove(0ul);
	return nullptr;
}

/* DCMTK takes out blanks of a UI when it writes it: padding alone may go. */
static bool has_inner_blank(const char *value, size_t length)
{
	while (length &&
	       (value[length - 1] == ' ' || value[length - 1] == '\0'))
		length--;
	return length && std::memchr(value, ' ', length);
}

/* A UI that DCMTK writes as it is, for it takes it for another text. */
static DcmElement *verbatim(uint16_t group, uint16_t element, const char *value,
			    size_t length)
{
	DcmElement *made = new DcmLongText(DcmTag(group, element, EVR_UI));

	if (made->putString(value, static_cast<Uint32>(length)).good())
		return made;
	delete made;
	return nullptr;
}

/* nullptr: DCMTK does not take the value. */
static DcmElement *made_of(uint16_t group, uint16_t element, const char *vr,
			   const void *bytes, size_t length)
{
	bool extended = DcmVR(vr).usesExtendedLengthEncoding();

	if (length > (extended ? 0xfffffffe : 0xfffe))
		return nullptr;
	if (std::memcmp(vr, "UI", 2) == 0 &&
	    has_inner_blank(static_cast<const char *>(bytes), length))
		return verbatim(group, element,
				static_cast<const char *>(bytes), length);
	return parsed(element_bytes(group, element, vr, extended, length, bytes,
				    length));
}

bool dcmtk_put(dcmtk_item *item, uint16_t group, uint16_t element,
	       const char vr[3], const void *bytes, size_t length) noexcept
try {
	DcmElement *made = made_of(group, element, vr, bytes, length);

	return made && insert(item, made);
} catch (const std::bad_alloc &) {
	out_of_memory();
}

bool dcmtk_set(dcmtk_element *element, const char vr[3], const void *bytes,
	       size_t length) noexcept
try {
	DcmElement *it = to(element);
	DcmElement *made =
		made_of(it->getGTag(), it->getETag(), vr, bytes, length);
	bool taken = made && it->getVR() == made->getVR() &&
		     it->copyFrom(*made).good();

	delete made;
	return taken;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

void dcmtk_remove(dcmtk_item *item, uint16_t group, uint16_t element) noexcept
try {
	delete to(item)->remove(DcmTagKey(group, element));
} catch (const std::bad_alloc &) {
	out_of_memory();
}

dcmtk_element *dcmtk_put_sequence(dcmtk_item *item, uint16_t group,
				  uint16_t element) noexcept
try {
	DcmElement *made =
		new DcmSequenceOfItems(DcmTag(group, element, EVR_SQ));

	return insert(item, made) ? from(made) : nullptr;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

dcmtk_element *dcmtk_unfold(dcmtk_item *item, dcmtk_element *element) noexcept
try {
	static const unsigned char delimiter[] = {0xfe, 0xff, 0xdd, 0xe0,
						  0,	0,    0,    0};
	size_t length = to(element)->getLengthField();
	std::vector<unsigned char> value(length), bytes;
	DcmElement *made;

	if (!length || !dcmtk_value(element, value.data(), length))
		return nullptr;
	/* DCMTK does this by itself for UN of undefined length */
	value.insert(value.end(), delimiter, delimiter + sizeof(delimiter));
	made = parsed(element_bytes(to(element)->getGTag(),
				    to(element)->getETag(), "UN", true,
				    0xffffffff, value.data(), value.size()));
	if (made && made->ident() == EVR_SQ)
		return insert(item, made) ? from(made) : nullptr;
	delete made;
	return nullptr;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

dcmtk_item *dcmtk_item_insert(dcmtk_element *element, size_t index) noexcept
try {
	DcmSequenceOfItems *list = sequence(element);
	DcmItem *made = new DcmItem;
	OFCondition answer;

	if (index >= list->card())
		answer = list->append(made);
	else
		answer = list->insert(made, static_cast<unsigned long>(index),
				      OFTrue);
	if (answer.good())
		return from(made);
	delete made;
	return nullptr;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

void dcmtk_item_remove(dcmtk_element *element, size_t index) noexcept
try {
	delete sequence(element)->remove(static_cast<unsigned long>(index));
} catch (const std::bad_alloc &) {
	out_of_memory();
}

/* ---- encoding ---- */

/* As they are now: DCMTK looks from the first on for each that is asked for by
 * its number. */
static std::vector<dcmtk_element *> elements_of(dcmtk_item *item)
{
	std::vector<dcmtk_element *> all;
	dcmtk_element *element = nullptr;

	while ((element = dcmtk_next(item, element)))
		all.push_back(element);
	return all;
}

/* What takes the place of an element of the item, that DCMTK may write the very
 * value that it has read; itself, if it does. */
static DcmElement *keep_blanks(DcmItem *item, DcmElement *element)
{
	std::vector<char> value(
		element->ident() == EVR_UI ? element->getLengthField() : 0);
	DcmElement *made;

	if (element->ident() == EVR_SQ) {
		dcmtk_item *inner = nullptr;

		while ((inner = dcmtk_item_next(from(element), inner)))
			for (dcmtk_element *each : elements_of(inner))
				keep_blanks(to(inner), to(each));
	}
	if (!dcmtk_value(from(element), value.data(), value.size()) ||
	    !has_inner_blank(value.data(), value.size()))
		return element;
	made = verbatim(element->getGTag(), element->getETag(), value.data(),
			value.size());
	return made && insert(from(item), made) ? made : element;
}

static bool encode(DcmElement *element, E_TransferSyntax xfer,
		   std::vector<unsigned char> &out)
{
	bool undefined = element->getLengthField() == DCM_UndefinedLength;
	E_EncodingType lengths =
		undefined ? EET_UndefinedLength : EET_ExplicitLength;
	std::vector<unsigned char> bytes;
	OFCondition answer;
	void *start;
	offile_off_t length;
	Call call;

	if (element->ident() == EVR_SQ)
		static_cast<DcmSequenceOfItems *>(element)
			->computeGroupLengthAndPadding(
				EGL_recalcGL, EPD_noChange, xfer, lengths);
	/* more than it needs, for DCMTK looks for room before it writes */
	bytes.resize(size_t(element->calcElementLength(xfer, lengths)) + 64);
	DcmOutputBufferStream stream(bytes.data(),
				     static_cast<offile_off_t>(bytes.size()));
	element->transferInit();
	answer = element->write(stream, xfer, lengths, nullptr);
	element->transferEnd();
	if (answer.bad())
		return false;
	stream.flushBuffer(start, length);
	out.insert(out.end(), static_cast<unsigned char *>(start),
		   static_cast<unsigned char *>(start) + length);
	return true;
}

unsigned char *dcmtk_encode(dcmtk_item *item, dcmtk_element *element,
			    const dcmtk_syntax *syntax, size_t *length) noexcept
try {
	E_TransferSyntax xfer = transfer_syntax(syntax);
	std::vector<unsigned char> out;
	unsigned char *copy;

	if (element) {
		if (!encode(keep_blanks(to(item), to(element)), xfer, out))
			return nullptr;
	} else {
		for (dcmtk_element *each : elements_of(item))
			if (!encode(keep_blanks(to(item), to(each)), xfer, out))
				return nullptr;
	}
	*length = out.size();
	copy = static_cast<unsigned char *>(xmalloc(out.size()));
	if (!out.empty())
		std::memcpy(copy, out.data(), out.size());
	return copy;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

/* ---- the dictionary ---- */

static const char retired[] = "RETIRED_";

static const char *keyword_of(const DcmDictEntry *entry)
{
	const char *name = entry->getTagName();

	if (std::strncmp(name, retired, sizeof(retired) - 1) == 0)
		name += sizeof(retired) - 1;
	return name;
}

static void fill(const DcmDictEntry *entry, dcmtk_entry *out)
{
	out->group = entry->getGroup();
	out->element = entry->getElement();
	std::snprintf(out->vr, sizeof(out->vr), "%s",
		      DcmVR(entry->getEVR()).getValidVRName());
	out->vm_max = entry->getVMMax();
	out->vr_depends =
		DcmVR(entry->getEVR()).getValidEVR() != entry->getEVR();
	std::snprintf(out->keyword, sizeof(out->keyword), "%s",
		      keyword_of(entry));
}

bool dcmtk_entry_of(uint16_t group, uint16_t element, const char *creator,
		    dcmtk_entry *out) noexcept
try {
	const DcmDataDictionary &dictionary = dcmDataDict.rdlock();
	const DcmDictEntry *entry =
		dictionary.findEntry(DcmTagKey(group, element), creator);

	if (entry)
		fill(entry, out);
	dcmDataDict.rdunlock();
	return entry;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

bool dcmtk_entry_named(const char *keyword, dcmtk_entry *out) noexcept
try {
	const DcmDataDictionary &dictionary = dcmDataDict.rdlock();
	const DcmDictEntry *entry = dictionary.findEntry(keyword);
	bool found;

	if (!entry)
		entry = dictionary.findEntry(
			(std::string(retired) + keyword).c_str());
	/* as PS3.6 spells it, and not one of a private dictionary */
	found = entry && !entry->getPrivateCreator() &&
		std::strcmp(keyword_of(entry), keyword) == 0;
	if (found)
		fill(entry, out);
	dcmDataDict.rdunlock();
	return found;
} catch (const std::bad_alloc &) {
	out_of_memory();
}

void dcmtk_keywords(void (*visit)(const char *keyword, void *context),
		    void *context) noexcept
try {
	/* only a dictionary that may be changed gives iterators */
	DcmDataDictionary &dictionary = dcmDataDict.wrlock();
	DcmHashDictIterator end = dictionary.normalEnd();

	for (DcmHashDictIterator it = dictionary.normalBegin(); it != end; ++it)
		if (!(*it)->getPrivateCreator())
			visit(keyword_of(*it), context);
	dcmDataDict.wrunlock();
} catch (const std::bad_alloc &) {
	out_of_memory();
}

static bool is_of_standard(const DcmDictEntry &range)
{
	return range.getUpperElement() &&
	       range.getGroupRangeRestriction() != DcmDictRange_Odd;
}

void dcmtk_ranges(void (*visit)(uint16_t first, uint16_t last, void *context),
		  void *context) noexcept
try {
	DcmDataDictionary &dictionary = dcmDataDict.wrlock();
	DcmDictEntryListIterator end = dictionary.repeatingEnd();

	for (DcmDictEntryListIterator it = dictionary.repeatingBegin();
	     it != end; ++it)
		if (is_of_standard(**it))
			visit((*it)->getGroup(), (*it)->getUpperGroup(),
			      context);
	dcmDataDict.wrunlock();
} catch (const std::bad_alloc &) {
	out_of_memory();
}
