/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/atomic.h"
#include "results/json_alloc.h"
#include "results/number.h"
#include "results/strings.h"

#define MAX_MANIFEST (32u << 20) /* one run's has some 20 KiB, one of many hosts all of theirs */
#define MAX_KEY 256

struct manifest {
	json_t *root;
	void *texts; /* of numbers, for manifest_get */
	bool lacks;  /* something that there was no memory for */
};

static struct manifest *manifest_of(json_t *root)
{
	struct manifest *m = root ? calloc(1, sizeof(*m)) : NULL;

	if (!m) {
		json_decref(root);
		return NULL;
	}
	m->root = root;
	return m;
}

struct manifest *manifest_new(void)
{
	return manifest_of(json_object());
}

void manifest_free(struct manifest *m)
{
	if (!m)
		return;
	json_decref(m->root);
	strings_free(m->texts);
	free(m);
}

/* The object that holds the last part of @key, made where it is missing; NULL where a leaf is. */
static json_t *parent_of(json_t *root, char *key, const char **last)
{
	json_t *at = root;
	char *dot;

	while ((dot = strchr(key, '.'))) {
		json_t *next;

		*dot = '\0';
		if (!*key)
			return NULL;
		next = json_object_get(at, key);
		if (!next) {
			next = json_object();
			if (json_object_set_new(at, key, next) < 0)
				return NULL;
		}
		if (!json_is_object(next))
			return NULL;
		at = next;
		key = dot + 1;
	}
	*last = key;
	return *key ? at : NULL;
}

/* jansson tells nobody why: either it had no memory, or something is in the way. */
static int not_set(struct manifest *m, const char *key, const char *why, struct err *e)
{
	if (!json_alloc_failed())
		return err_set(e, -EINVAL, "manifest", "key '%.100s' %s", key, why);
	m->lacks = true;
	return err_set(e, -ENOMEM, "manifest", "no memory for '%.100s'", key);
}

/* Takes over @leaf. */
static int set_leaf(struct manifest *m, const char *key, json_t *leaf, struct err *e)
{
	char parts[MAX_KEY];
	const char *last;
	json_t *parent;

	if (!leaf)
		return not_set(m, key, "has a value that is no JSON", e);
	if ((size_t)snprintf(parts, sizeof(parts), "%s", key) >= sizeof(parts)) {
		json_decref(leaf);
		return err_set(e, -EINVAL, "manifest", "key '%.40s...' is too long", key);
	}
	parent = parent_of(m->root, parts, &last);
	if (!parent || json_is_object(json_object_get(parent, last))) {
		json_decref(leaf);
		return not_set(m, key, "is in the way of another", e);
	}
	if (json_object_set_new(parent, last, leaf) < 0)
		return not_set(m, key, "cannot be set", e);
	return 0;
}

/* jansson takes UTF-8 only; files of /proc and /sys promise nothing. */
static json_t *json_text(const char *value)
{
	json_t *text = json_string(value);
	cleanup_free char *copy = NULL;

	if (text)
		return text;
	copy = strdup(value);
	if (!copy)
		return NULL;
	for (char *p = copy; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	return json_string(copy);
}

int manifest_set(struct manifest *m, const char *key, const char *value, struct err *e)
{
	json_alloc_watch();
	return set_leaf(m, key, json_text(value), e);
}

int manifest_set_number(struct manifest *m, const char *key, double value, struct err *e)
{
	json_alloc_watch();
	return set_leaf(m, key, json_real(value), e);
}

int manifest_set_count(struct manifest *m, const char *key, int64_t value, struct err *e)
{
	json_alloc_watch();
	return set_leaf(m, key, json_integer(value), e);
}

/* What is at @key, or NULL. "" is all of it. */
static json_t *find(const struct manifest *m, const char *key)
{
	char parts[MAX_KEY], *rest = parts, *part;
	json_t *at = m->root;

	if ((size_t)snprintf(parts, sizeof(parts), "%s", key) >= sizeof(parts))
		return NULL;
	while (*key && at && (part = strsep(&rest, ".")))
		at = json_object_get(at, part);
	return at;
}

int manifest_embed(struct manifest *m, const char *key, const struct manifest *part,
	const char *part_key, struct err *e)
{
	json_t *object = find(part, part_key);

	json_alloc_watch();
	if (!json_is_object(object))
		return err_set(e, -EINVAL, "manifest", "no object '%.100s'", part_key);
	return set_leaf(m, key, json_deep_copy(object), e);
}

/* The text of a leaf, or NULL for an object, a list or null. @buf is for numbers. */
static const char *leaf_text(const json_t *leaf, char buf[NUMBER_SIZE])
{
	if (json_is_string(leaf))
		return json_string_value(leaf);
	if (json_is_real(leaf))
		return number_text(json_real_value(leaf), buf);
	if (json_is_boolean(leaf))
		return json_is_true(leaf) ? "true" : "false";
	if (!json_is_integer(leaf))
		return NULL;
	snprintf(buf, NUMBER_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(leaf));
	return buf;
}

const char *manifest_get(const struct manifest *m, const char *key)
{
	char number[NUMBER_SIZE];
	const char *text = leaf_text(find(m, key), number);

	if (text == number) /* kept beside the manifest, which for the caller has not changed */
		text = strings_keep(&((struct manifest *)(uintptr_t)m)->texts, number);
	return text ? text : MANIFEST_UNKNOWN;
}

const char *manifest_suites(const struct manifest *m)
{
	const char *all = manifest_get(m, "run.suites");

	return strcmp(all, MANIFEST_UNKNOWN) ? all : manifest_get(m, "run.suite");
}

bool manifest_merged(const struct manifest *m)
{
	return strcmp(manifest_get(m, "runs.0.name"), MANIFEST_UNKNOWN) != 0;
}

struct walk {
	void (*put)(void *ctx, const char *key, const char *value);
	void *ctx;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What manifest_set could not have made is passed over: that bounds depth and memory. */
static void walk_object(const struct walk *w, const char *prefix, json_t *object)
{
	size_t n = json_object_size(object), i = 0;
	cleanup_free const char **names = calloc(n + 1, sizeof(*names));
	const char *name;
	json_t *value;

	if (!names)
		return;
	json_object_foreach(object, name, value) names[i++] = name;
	qsort(names, n, sizeof(*names), by_name);
	for (i = 0; i < n; i++) {
		cleanup_free char *key =
			format_text("%s%s%s", prefix, *prefix ? "." : "", names[i]);
		char number[NUMBER_SIZE];
		const char *text;

		value = json_object_get(object, names[i]);
		text = leaf_text(value, number);
		if (key && strlen(key) >= MAX_KEY)
			continue;
		if (key && json_is_object(value))
			walk_object(w, key, value);
		else if (key && text)
			w->put(w->ctx, key, text);
	}
}

void manifest_each(const struct manifest *m,
	void (*put)(void *ctx, const char *key, const char *value), void *ctx)
{
	walk_object(&(struct walk){ put, ctx }, "", m->root);
}

int manifest_write(const struct manifest *m, const char *dir, struct err *e)
{
	cleanup_atomic struct atomic_file file = { 0 };
	int r = atomic_open(&file, dir, MANIFEST_FILE, e);

	if (r < 0)
		return r;
	if (json_dumpf(m->root, file.text.f, JSON_SORT_KEYS | JSON_INDENT(2)) < 0 ||
		fputc('\n', file.text.f) == EOF)
		return err_set(e, -ENOMEM, "manifest", "no memory for writing '%s'", file.path);
	file.durable = true; /* what an interrupted run is gone on from */
	r = atomic_commit(&file, e);
	if (!r && m->lacks)
		r = err_set(e, -ENOMEM, "manifest",
			"'%s' lacks facts: there was no memory for them", file.path);
	return r;
}

int manifest_read(const char *dir, struct manifest **m, struct err *e)
{
	cleanup_free char *path = format_text("%s/" MANIFEST_FILE, dir);
	cleanup_free char *text = NULL;
	json_error_t why;
	json_t *root;
	size_t len;
	int r;

	r = path ? read_file(path, MAX_MANIFEST, &text, &len) : -ENOMEM;
	if (r == -ENOENT) {
		json_alloc_watch();
		root = json_object();
	} else if (r == -EFBIG) {
		return err_set(
			e, r, "manifest", "'%s' is longer than %u bytes", path, MAX_MANIFEST);
	} else if (r < 0) {
		return err_set(e, r, "manifest", "'%s': %s", path ? path : dir, strerror(-r));
	} else {
		json_alloc_watch();
		root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
		if (!root && json_alloc_failed())
			return err_set(e, -ENOMEM, "manifest", "no memory for '%s'", path);
		if (!root)
			return err_set(e, -EBADMSG, "manifest", "'%s' line %d: %s", path, why.line,
				why.text);
		if (!json_is_object(root)) {
			json_decref(root);
			return err_set(e, -EBADMSG, "manifest", "'%s' line 1: not an object", path);
		}
	}
	*m = manifest_of(root);
	return *m ? 0 : err_set(e, -ENOMEM, "manifest", "no memory for '%s'", path);
}

bool manifest_emulated(const struct manifest *m)
{
	return !strcmp(manifest_get(m, "machine"), MACHINE_EMULATED);
}

bool manifest_nested(const struct manifest *m)
{
	const char *hypervisor = manifest_get(m, "host.hypervisor");

	if (manifest_emulated(m))
		return false;
	return !strcmp(manifest_get(m, "machine"), MACHINE_NESTED) ||
	       (strcmp(hypervisor, "none") && strcmp(hypervisor, MANIFEST_UNKNOWN));
}
