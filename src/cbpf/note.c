/* What others know about an instruction, for printers. */
#include "cbpf/cbpf.h"

void cbpf_note(struct buf *note, const struct cbpf_notes *notes, uint32_t at)
{
	note->len = 0;
	if (!notes || !notes->note)
		return;
	notes->note(notes->ctx, at, note);
	for (size_t i = 0; i < note->len; i++)
		if ((unsigned char)note->s[i] < 0x20 || note->s[i] == 0x7f)
			note->s[i] = ' ';
	while (note->len && note->s[note->len - 1] == ' ')
		note->len--;
}
