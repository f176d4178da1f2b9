/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/outputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/util.h"
#include "runner/paths.h"

static const char STEP[] = "output";

/* --- taking --- */

/* All that is in the pipe now. false: it has ended. */
static bool drain(struct capture *c, char *buf, size_t size)
{
	ssize_t n;

	while ((n = read(c->read_fd, buf, size)) != 0) {
		uint64_t room = c->bytes < OUTPUT_MAX ? OUTPUT_MAX - c->bytes : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (room && !c->error)
			c->error = write_all(
				c->file_fd, buf, (uint64_t)n < room ? (size_t)n : (size_t)room);
		c->bytes += (uint64_t)n;
	}
	return false;
}

static void *take(void *arg)
{
	struct capture *c = arg;
	struct pollfd p[2] = { { .fd = c->read_fd, .events = POLLIN },
		{ .fd = c->stop_fd, .events = POLLIN } };
	static __thread char buf[64 * 1024];

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		/* Asked before draining: what was written before the word to stop is taken. */
		bool stop = p[1].revents;

		if (!drain(c, buf, sizeof(buf)) || stop)
			break;
	}
	return NULL;
}

static int open_file(const char *dir, const char *name, struct err *e)
{
	cleanup_free char *folder = format_text("%s/" OUTPUTS_DIR, dir);
	cleanup_free char *path = format_text("%s/" OUTPUTS_DIR "/%s.txt", dir, name);
	int r = folder && path ? make_dirs(folder) : -ENOMEM, fd;

	if (r < 0)
		return err_set(e, r, STEP, "making '%s': %s", folder ? folder : dir, strerror(-r));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return fd < 0 ? err_sys(e, STEP, "making '%s'", path) : fd;
}

/* @c->file_fd, or an error, is there. */
static int start(struct capture *c, struct err *e)
{
	int ends[2], r;

	if (c->file_fd < 0)
		return c->file_fd;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "pipe2", "a pipe for a program's output");
	c->read_fd = ends[0];
	c->write_fd = ends[1];
	c->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (c->stop_fd < 0 || fcntl(c->read_fd, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, "eventfd", "taking a program's output");
	r = pthread_create(&c->thread, NULL, take, c);
	c->running = !r;
	return r ? err_set(e, -r, "pthread_create", "taking a program's output: %s", strerror(r))
		 : 0;
}

int capture_start(struct capture *c, const char *dir, const char *name, struct err *e)
{
	*c = (struct capture)CAPTURE_NONE;
	c->file_fd = open_file(dir, name, e);
	return start(c, e);
}

int capture_into(struct capture *c, int fd, struct err *e)
{
	*c = (struct capture)CAPTURE_NONE;
	c->file_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (c->file_fd < 0)
		return err_sys(e, STEP, "taking a program's output");
	return start(c, e);
}

void capture_end(struct capture *c)
{
	uint64_t one = 1;

	close_fd(&c->write_fd);
	if (c->running && write(c->stop_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(c->thread, NULL);
	c->running = false;
	close_fd(&c->read_fd);
	close_fd(&c->stop_fd);
	close_fd(&c->file_fd);
}

/* --- comparing --- */

/* The first place where two texts differ. */
static size_t first_difference(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0;

	while (i < a_len && i < b_len && a[i] == b[i])
		i++;
	return i;
}

static size_t line_of(const char *text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

struct text {
	const char *name;
	char *bytes;
	size_t len;
};

static int read_text(const char *folder, struct text *t, struct err *e)
{
	cleanup_free char *path = format_text("%s/%s", folder, t->name);
	int r = path ? read_file(path, OUTPUT_MAX, &t->bytes, &t->len) : -ENOMEM;

	return r < 0 ? err_set(e, r, STEP, "reading '%s': %s", path ? path : folder, strerror(-r))
		     : 0;
}

static bool same_text(const struct text *a, const struct text *b, struct err *e)
{
	size_t at = first_difference(a->bytes, a->len, b->bytes, b->len);

	if (a->len == b->len && at == a->len)
		return true;
	err_set(e, -EBADMSG, STEP, "the outputs differ: %s and %s from byte %zu on (line %zu)%s",
		a->name, b->name, at, line_of(a->bytes, at),
		at == a->len   ? ", where the first one ends"
		: at == b->len ? ", where the second one ends"
			       : "");
	return false;
}

static int is_output(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 4 && !strcmp(d->d_name + len - 4, ".txt");
}

static int compare_all(const char *folder, struct dirent **names, int n, bool *same, struct err *e)
{
	struct text first = { .name = names[0]->d_name };
	int r = read_text(folder, &first, e);

	*same = true;
	for (int i = 1; i < n && !r && *same; i++) {
		struct text other = { .name = names[i]->d_name };

		r = read_text(folder, &other, e);
		if (!r && first.bytes && other.bytes)
			*same = same_text(&first, &other, e);
		free(other.bytes);
	}
	free(first.bytes);
	return r;
}

int outputs_compare(const char *dir, bool *same, struct err *e)
{
	cleanup_free char *folder = format_text("%s/" OUTPUTS_DIR, dir);
	struct dirent **names = NULL;
	int n = folder ? scandir(folder, &names, is_output, alphasort) : -1, r;

	*same = false;
	if (n <= 0)
		r = err_set(e, -ENOENT, STEP, "there is no output in '%s' to compare", dir);
	else
		r = compare_all(folder, names, n, same, e);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return r;
}
