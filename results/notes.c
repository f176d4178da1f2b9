/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/notes.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

/* "3 failed of 10: killed by SIGSEGV"; without the numbers where there is no value at all. */
static char *note_text(const struct summary_group *g)
{
	const char *reason = *g->reason ? g->reason : "no reason given";
	size_t failed = g->count[SAMPLE_FAILED], late = g->count[SAMPLE_TIMEOUT];

	if (!g->n_samples)
		return strdup(reason);
	return format_text("some launches have no value (%zu failed, %zu late, %zu skipped): %s",
		failed, late, g->count[SAMPLE_SKIPPED], reason);
}

/* The number of the note with this text, new where needed; 0 when out of memory. */
static unsigned number_of(struct notes *notes, const struct summary_group *g)
{
	cleanup_free char *text = note_text(g);
	char **bigger;

	if (!text)
		return 0;
	for (size_t i = 0; i < notes->n; i++) {
		if (!strcmp(notes->texts[i], text))
			return (unsigned)i + 1;
	}
	bigger = reallocarray(notes->texts, notes->n + 1, sizeof(*bigger));
	if (!bigger)
		return 0;
	notes->texts = bigger;
	notes->texts[notes->n++] = steal_pointer(&text);
	return (unsigned)notes->n;
}

int notes_make(const struct summary *s, struct notes *notes, struct err *e)
{
	*notes = (struct notes){ .of = calloc(s->n_groups + 1, sizeof(unsigned)) };
	if (!notes->of)
		return err_set(e, -ENOMEM, "malloc", "no memory for notes");
	for (size_t i = 0; i < s->n_groups; i++) {
		const struct summary_group *g = &s->groups[i];

		if (g->n_samples && !g->count[SAMPLE_SKIPPED] && !summary_has_failures(g))
			continue;
		/* Only warm-ups, or steps, which have no statistics: nothing went wrong. */
		if (g->status == SAMPLE_WARMUP ||
			(g->status == SAMPLE_OK && !g->n_samples && !g->count[SAMPLE_SKIPPED] &&
				!summary_has_failures(g)))
			continue;
		notes->of[i] = number_of(notes, g);
		if (!notes->of[i])
			return err_set(e, -ENOMEM, "malloc", "no memory for notes");
	}
	return 0;
}

void notes_free(struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		free(notes->texts[i]);
	free(notes->texts);
	free(notes->of);
	*notes = (struct notes){ 0 };
}

unsigned notes_number(
	const struct notes *notes, const struct summary *s, const struct summary_group *g)
{
	return notes->of[g - s->groups];
}
