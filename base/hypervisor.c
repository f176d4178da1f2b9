/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hypervisor.h"

#include <cpuid.h>
#include <string.h>

bool hypervisor_signature(char signature[13])
{
	unsigned a, b, c, d;

	memset(signature, 0, 13);
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 31)))
		return false;
	/* Not __get_cpuid: the leaf lies outside the range whose end leaf 0 tells. */
	__cpuid(0x40000000, a, b, c, d);
	memcpy(signature, &b, 4);
	memcpy(signature + 4, &c, 4);
	memcpy(signature + 8, &d, 4);
	return true;
}

bool hypervisor_is_emulator(void)
{
	char signature[13];

	hypervisor_signature(signature);
	return !strcmp(signature, HYPERVISOR_TCG);
}
