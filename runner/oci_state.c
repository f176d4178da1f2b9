/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/oci_state.h"

#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

#include "base/proc.h"
#include "base/util.h"

#define STATE_MAX ((size_t)1 << 20) /* runc's holds the whole configuration: some 40 KiB */

pid_t oci_state_pid(const struct oci_state_form *form, const char *dir)
{
	cleanup_free char *path = format_text("%s/%s", dir, form->file), *text = NULL;
	json_int_t pid, start;
	json_t *root;
	size_t len;

	if (!path || read_file(path, STATE_MAX, &text, &len) < 0)
		return 0;
	root = json_loadb(text, len, 0, NULL);
	pid = json_integer_value(json_object_get(root, form->pid));
	start = json_integer_value(json_object_get(root, form->start));
	json_decref(root);
	if (pid <= 1 || pid > INT_MAX || start <= 0)
		return 0;
	return proc_start_time((pid_t)pid) == (uint64_t)start ? (pid_t)pid : 0;
}

void oci_state_kill_all(const struct oci_state_form *form, const char *root)
{
	DIR *d = opendir(root);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		cleanup_free char *dir = format_text("%s/%s", root, entry->d_name);
		pid_t pid = dir && entry->d_name[0] != '.' ? oci_state_pid(form, dir) : 0;

		if (pid)
			kill(pid, SIGKILL);
	}
	if (d)
		closedir(d);
}
