/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/demo_facts.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/atomic.h"
#include "results/json_alloc.h"
#include "results/json_value.h"

#define MISSING "missing" /* beside the facts of a side: why it has none */
#define MAX_BYTES (4u << 20)

struct demo_facts {
	json_t *root;
	bool broken; /* a fact could not be kept: no memory */
};

struct demo_facts *demo_facts_new(const char *demo)
{
	struct demo_facts *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->root = json_pack("{s:i, s:s, s:{}}", "schema", DEMO_SCHEMA, "demo", demo, "sides");
	if (!f->root) {
		free(f);
		return NULL;
	}
	return f;
}

void demo_facts_free(struct demo_facts *f)
{
	if (!f)
		return;
	json_decref(f->root);
	free(f);
}

static int file_name(const char *demo, char *out, size_t size)
{
	return (size_t)snprintf(out, size, "%s.json", demo) < size ? 0 : -ENAMETOOLONG;
}

int demo_facts_write(const struct demo_facts *f, const char *dir, struct err *e)
{
	cleanup_atomic struct atomic_file a = { 0 };
	char name[64];
	int r;

	if (f->broken || file_name(demo_facts_name(f), name, sizeof(name)))
		return err_set(e, -ENOMEM, "demo", "no memory for what was seen");
	r = atomic_open(&a, dir, name, e);
	json_alloc_watch();
	if (!r && json_print(a.text.f, f->root) < 0)
		r = err_set(e, -EIO, "demo", "writing '%s/%s'", dir, name);
	return r ? r : atomic_commit(&a, e);
}

static bool is_texts(json_t *facts)
{
	const char *key;
	json_t *value;

	json_object_foreach(facts, key, value)
	{
		if (!json_is_string(value))
			return false;
	}
	return true;
}

/* Anybody may have written the file: what the getters rely on is made sure of once. */
static bool is_sound(const json_t *root, const char *demo)
{
	const char *name = json_string_value(json_object_get(root, "demo"));
	json_t *sides = json_object_get(root, "sides"), *side;
	const char *key;

	if (!name || strcmp(name, demo) || !json_is_object(sides))
		return false;
	json_object_foreach(sides, key, side)
	{
		json_t *facts = json_object_get(side, "facts");

		if (!json_is_object(facts) || !is_texts(facts))
			return false;
	}
	return true;
}

int demo_facts_read(const char *dir, const char *demo, struct demo_facts **f, struct err *e)
{
	cleanup_free char *path = format_text("%s/%s.json", dir, demo);
	cleanup_free char *text = NULL;
	json_error_t why;
	json_t *root;
	size_t len;
	int r;

	if (!path)
		return err_set(e, -ENOMEM, "demo", "out of memory");
	r = read_file(path, MAX_BYTES, &text, &len);
	if (r < 0)
		return err_set(e, r, "demo", "'%s': %s", path, strerror(-r));
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		return err_set(e, -EINVAL, "demo", "'%s', line %d: %s", path, why.line, why.text);
	if (json_integer_value(json_object_get(root, "schema")) != DEMO_SCHEMA ||
		!is_sound(root, demo)) {
		json_decref(root);
		return err_set(e, -EINVAL, "demo",
			"'%s' is not what a demonstration '%s' of this version has recorded", path,
			demo);
	}
	*f = calloc(1, sizeof(**f));
	if (!*f) {
		json_decref(root);
		return err_set(e, -ENOMEM, "demo", "out of memory");
	}
	(*f)->root = root;
	return 0;
}

const char *demo_facts_name(const struct demo_facts *f)
{
	return json_string_value(json_object_get(f->root, "demo"));
}

/* The object of a side; made where @make says so. */
static json_t *side_of(const struct demo_facts *f, const char *side, bool make)
{
	json_t *sides = json_object_get(f->root, "sides");
	json_t *found = json_object_get(sides, side);

	if (found || !make)
		return found;
	found = json_pack("{s:{}}", "facts");
	return json_object_set_new(sides, side, found) < 0 ? NULL : found;
}

static json_t *facts_of(const struct demo_facts *f, const char *side)
{
	return json_object_get(side_of(f, side, false), "facts");
}

void demo_put(struct demo_facts *f, const char *side, const char *key, const char *fmt, ...)
{
	json_t *object = side_of(f, side, true);
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text || !object ||
		json_object_set_new(json_object_get(object, "facts"), key, json_of_text(text)) < 0)
		f->broken = true;
}

const char *demo_get(const struct demo_facts *f, const char *side, const char *key)
{
	return json_string_value(json_object_get(facts_of(f, side), key));
}

bool demo_number(const struct demo_facts *f, const char *side, const char *key, uint64_t *out)
{
	const char *text = demo_get(f, side, key);

	return text && !parse_u64(text, 0, UINT64_MAX, out);
}

bool demo_same(const struct demo_facts *f, const char *a, const char *b, const char *key)
{
	const char *left = demo_get(f, a, key), *right = demo_get(f, b, key);

	return left && right && !strcmp(left, right);
}

void demo_put_missing(struct demo_facts *f, const char *side, const char *reason)
{
	json_t *object = side_of(f, side, true);

	if (!object || json_object_set_new(object, MISSING, json_of_text(reason)) < 0)
		f->broken = true;
}

const char *demo_missing(const struct demo_facts *f, const char *side)
{
	return json_string_value(json_object_get(side_of(f, side, false), MISSING));
}

/* The @i-th key of @object but @passed. */
static const char *key_at(json_t *object, size_t i, const char *passed)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		if (passed && !strcmp(key, passed))
			continue;
		if (!i--)
			return key;
	}
	return NULL;
}

const char *demo_side(const struct demo_facts *f, size_t i)
{
	return key_at(json_object_get(f->root, "sides"), i, DEMO_ABOUT);
}

const char *demo_key(const struct demo_facts *f, const char *side, size_t i)
{
	return key_at(facts_of(f, side), i, NULL);
}
