/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The JSON of a run's folder, which may come from anywhere: manifest.json, and what a demonstration
 * has recorded there (versions.json, which the report shows).
 */
#include "tests/fuzz/one_file.h"

#include <errno.h>

#include "base/util.h"
#include "results/demo_facts.h"
#include "results/demo_versions.h"
#include "results/manifest.h"

static void check_leaf(void *ctx, const char *key, const char *value)
{
	(void)ctx;
	MUST(key && value && strlen(key) < 256);
}

static void try_manifest(void)
{
	struct manifest *m = NULL;
	struct err e = { 0 };
	int r = manifest_read(ONE_FILE, &m, &e);

	if (r) {
		fuzz_check_error(r, &e);
		MUST(r == -EBADMSG && !m);
		return;
	}
	manifest_each(m, check_leaf, NULL);
	MUST(manifest_get(m, "host.cpu.model") && manifest_get(m, "") && manifest_get(m, "."));
	MUST(manifest_suites(m));
	MUST(!(manifest_emulated(m) && manifest_nested(m)));
	if (manifest_merged(m))
		MUST(strcmp(manifest_get(m, "runs.0.name"), MANIFEST_UNKNOWN) != 0);
	if (manifest_set_count(m, "run.seed", 1, &e) == 0)
		MUST(!strcmp(manifest_get(m, "run.seed"), "1"));
	manifest_free(m);
}

/* Every question that the report and the demonstrations ask. */
static void look_at(const struct demo_facts *f)
{
	const char *side, *key, *call;
	uint64_t number;

	MUST(!strcmp(demo_facts_name(f), VERSIONS_DEMO));
	for (size_t i = 0; (side = demo_side(f, i)); i++) {
		demo_missing(f, side);
		for (size_t k = 0; (key = demo_key(f, side, k)); k++) {
			MUST(demo_get(f, side, key) && demo_same(f, side, side, key));
			demo_number(f, side, key, &number);
		}
		for (size_t k = 0; (call = versions_call(f, k)); k++)
			MUST(versions_state(f, side, call) <= CALL_LOST);
	}
}

static void try_demo(void)
{
	struct demo_facts *f = NULL;
	struct err e = { 0 };
	int r = demo_facts_read(ONE_FILE, VERSIONS_DEMO, &f, &e);

	if (r) {
		fuzz_check_error(r, &e);
		MUST(r == -EINVAL && !f);
		return;
	}
	look_at(f);
	demo_facts_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	one_file_set(data, len);
	try_manifest();
	/* Not all is read twice. */
	if (memmem(data, len, "\"demo\"", 6))
		try_demo();
	MUST(!one_file.open);
	return 0;
}
