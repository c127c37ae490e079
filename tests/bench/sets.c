/* What is compiled: expressions from files, and generated lists. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/diff/diff.h"

/* --- files of expressions --------------------------------------------------------- */

void sets_read(struct arena *a, items_t *out, const char *set, FILE *f)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, f) > 0) {
		struct item item = { .set = set };
		char *at = arena_strndup(a, line, strcspn(line, "\n"));

		if (!*at || *at == '#')
			continue;
		item.dlt = field(&at);
		item.text = item.name = field(&at);
		item.why = field(&at);
		if (item.text)
			array_push(a, out, item);
	}
	free(line);
	fclose(f);
}

/* --- lists --------------------------------------------------------------------------- */

static const char *address(struct rng *r, char out[INET_ADDRSTRLEN])
{
	snprintf(out, INET_ADDRSTRLEN, "%u.%u.%u.%u", 1 + rng_below(r, 223),
	         rng_below(r, 256), rng_below(r, 256), 1 + rng_below(r, 254));
	return out;
}

static void host(struct buf *b, struct rng *r, uint32_t i)
{
	char text[INET_ADDRSTRLEN];

	/* Two are in the traffic, so that something matches. */
	if (i == 1 || i == 2)
		buf_printf(b, "host 10.0.0.%u", i);
	else
		buf_printf(b, "host %s", address(r, text));
}

static void net(struct buf *b, struct rng *r, uint32_t i)
{
	if (i == 1)
		buf_puts(b, "net 198.7.3.0/24");
	else
		buf_printf(b, "net %u.%u.%u.0/24", 1 + rng_below(r, 223),
		           rng_below(r, 256), rng_below(r, 256));
}

static void port(struct buf *b, struct rng *r, uint32_t i)
{
	buf_printf(b, "port %u", i == 1 ? 22 : 1 + rng_below(r, 65535));
}

static void pair(struct buf *b, struct rng *r, uint32_t i)
{
	static const uint16_t ports[] = { 22, 25, 80, 443, 3306, 5432, 8080, 8443 };

	buf_putc(b, '(');
	host(b, r, i);
	buf_printf(b, " and tcp port %u)", ports[rng_below(r, ARRAY_LEN(ports))]);
}

static void host6(struct buf *b, struct rng *r, uint32_t i)
{
	if (i == 1)
		buf_puts(b, "host 2001:db8::a00:1");
	else
		buf_printf(b, "host 2001:db8:%x:%x::%x:%x", rng_below(r, 65536),
		           rng_below(r, 65536), rng_below(r, 65536), rng_below(r, 65536));
}

static const struct {
	const char *set;
	void (*element)(struct buf *b, struct rng *r, uint32_t i);
} lists[] = {
	{ "hosts", host },
	{ "nets", net },
	{ "ports", port },
	{ "pairs", pair },
	{ "hosts6", host6 },
};

void sets_lists(struct arena *a, items_t *out, uint32_t max)
{
	static const uint32_t sizes[] = { 10, 100, 300, 1000 };

	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t s = 0; s < ARRAY_LEN(sizes) && sizes[s] <= max; s++) {
			struct buf text = { .arena = a }, name = { .arena = a };
			struct rng r = rng_seed(sizes[s]);

			for (uint32_t i = 0; i < sizes[s]; i++) {
				buf_puts(&text, i ? " or " : "");
				lists[l].element(&text, &r, i);
			}
			buf_printf(&name, "%u %s", sizes[s], lists[l].set);
			array_push(a, out, ((struct item){
						   .set = lists[l].set,
						   .name = buf_str(&name),
						   .text = buf_str(&text),
						   .dlt = "EN10MB",
						   .of = sizes[s],
					   }));
		}
}
