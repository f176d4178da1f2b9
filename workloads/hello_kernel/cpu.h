/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instructions that C has no words for. */
#ifndef HELLO_CPU_H
#define HELLO_CPU_H

#include "workloads/hello_kernel/abi.h"

static inline void outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline u32 inl(u16 port)
{
	u32 value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* A whole text; KVM leaves the guest once an element, whatever the repeat count says. */
static inline void outs(u16 port, const void *text, u64 len)
{
	__asm__ volatile("rep outsb" : "+S"(text), "+c"(len) : "d"(port) : "memory");
}

/* The same in elements of four bytes, for a port that takes such. */
static inline void outs_wide(u16 port, const void *text, u64 len)
{
	u64 words = len / 4;

	len %= 4;
	__asm__ volatile("rep outsl" : "+S"(text), "+c"(words) : "d"(port) : "memory");
	outs(port, text, len);
}

static inline void ins(u16 port, void *text, u64 len)
{
	__asm__ volatile("rep insb" : "+D"(text), "+c"(len) : "d"(port) : "memory");
}

static inline void copy_quads(void *to, const void *from, u64 quads)
{
	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(quads) : : "memory");
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

/* The time stamp, not before all earlier instructions are done, and before all later ones. */
static inline u64 rdtsc_ordered(void)
{
	u32 low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

static inline void cpuid(u32 leaf, u32 r[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(0));
}

/* Two instructions a turn, the same two in either ring. */
static inline void spin_turns(u64 turns)
{
	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(turns) : : "cc");
}

#endif
