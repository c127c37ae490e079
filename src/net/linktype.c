/* Numbers of link types: those of files are not everywhere those of libpcap. */
#include "config.h"

#include "net/capture.h"

#include "base/base.h"

/* Where they differ on Linux (pcap-linktype(7)). */
static const struct {
	uint16_t file, here;
} differ[] = {
	{ 100, 11 }, /* ATM_RFC1483 */
	{ 101, 12 }, /* RAW */
	{ 102, 15 }, /* SLIP_BSDOS */
	{ 103, 16 }, /* PPP_BSDOS */
	{ 106, 19 }, /* ATM_CLIP */
};

int linktype_of_file(uint32_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(differ); i++)
		if (differ[i].file == number)
			return differ[i].here;
	return (int)number;
}

uint32_t linktype_in_file(int linktype)
{
	for (size_t i = 0; i < ARRAY_LEN(differ); i++)
		if (differ[i].here == linktype)
			return differ[i].file;
	return (uint32_t)linktype;
}

/* Link types whose packets may be longer than a frame (libpcap's limits). */
static const struct {
	uint16_t linktype;
	uint32_t most;
} large[] = {
	{ 231, 128 << 20 }, /* DBUS */
	{ 249, 1 << 20 },   /* USBPCAP */
	{ 279, 8 << 20 },   /* EBHSCR */
};

uint32_t linktype_most(int linktype)
{
	for (size_t i = 0; i < ARRAY_LEN(large); i++)
		if (large[i].linktype == linktype)
			return large[i].most;
	return NET_SNAPLEN;
}

enum {
	ENC = 109,
	PFLOG = 117,
	USB_LINUX = 189,
	USB_LINUX_MMAPPED = 220,
	NFLOG = 239
};

bool linktype_is_changed(int linktype, bool swapped)
{
	switch (linktype) {
	case USB_LINUX_MMAPPED:
		return true; /* the lengths that old versions got wrong */
	case PFLOG:
	case NET_LINUX_SLL:
	case NET_LINUX_SLL2:
	case USB_LINUX:
	case NFLOG:
		return swapped; /* fields in the order of the machine that captured */
	}
	return false;
}

bool linktype_has_order(int linktype)
{
	return linktype == NET_NULL || linktype == ENC || linktype_is_changed(linktype, true);
}
