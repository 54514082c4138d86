/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AML of a partition's DSDT [ACPI 6.4, 20.2], byte by byte: \_S5, the first serial port, and, where the
 * partition has PCI devices, the host bridge with its windows and where its interrupt lines arrive. Data only, no
 * method. Owns nothing.
 */
#include <hyp/config.h>

#include <asm/irq.h>

#include "vfw.h"

enum {
	AML_ZERO = 0x00,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_DWORD = 0x0c,
	AML_SCOPE = 0x10,
	AML_BUFFER = 0x11,
	AML_PACKAGE = 0x12,
	AML_DEVICE = 0x825b, /* two bytes */
	/* 6.4.2 and 6.4.3 resource descriptors: tag, length */
	RES_IRQ = 0x22,
	RES_IO = 0x47,
	RES_END = 0x79,
	RES_FIXED_MEMORY = 0x0009 << 8 | 0x86,
	RES_DWORD = 0x0017 << 8 | 0x87,
	RES_WORD = 0x000d << 8 | 0x88,
	RES_QWORD = 0x002b << 8 | 0x8a,
	RES_MEMORY = 0,
	RES_PORTS = 1,
	RES_BUS = 2,
	RES_FIXED = 0x0c,       /* both ends are; the bridge produces it */
	RES_READ_WRITE = 1,
	RES_ISA_AND_NOT = 3,
	PINS = 4,
	PRT_ENTRIES = 32 * PINS,
	COM1_PORT = 0x3f8,
	COM1_IRQ = 4,
};

/* An EISA id: "PNP" is the same two bytes in all of them. */
#define PNP(number) (0x41 | 0xd0 << 8 | (uint32_t)((number) >> 8) << 16 | (uint32_t)((number) & 0xff) << 24)

/* Something with a PkgLength: written with 3 bytes, which is enough for 1 MiB, when its end is known. */
static uint32_t open(struct vfw_out *o, uint32_t opcode)
{
	vfw_put(o, opcode, opcode > 0xff ? 2 : 1);
	vfw_zero(o, 3);
	return o->at - 3;
}

static void close(struct vfw_out *o, uint32_t start)
{
	uint32_t length = o->at - start;

	o->to[start] = (uint8_t)(2 << 6 | (length & 15));
	o->to[start + 1] = (uint8_t)(length >> 4);
	o->to[start + 2] = (uint8_t)(length >> 12);
}

static void name(struct vfw_out *o, const char *four)
{
	vfw_put(o, AML_NAME, 1);
	vfw_text(o, four);
}

static void name_dword(struct vfw_out *o, const char *four, uint32_t v)
{
	name(o, four);
	vfw_put(o, AML_DWORD, 1);
	vfw_put(o, v, 4);
}

/* A resource template is a buffer; its size is known when it ends, too. */
static uint32_t template_open(struct vfw_out *o)
{
	uint32_t start;

	name(o, "_CRS");
	start = open(o, AML_BUFFER);
	vfw_put(o, AML_WORD, 1);
	vfw_zero(o, 2);
	return start;
}

static void template_close(struct vfw_out *o, uint32_t start)
{
	uint32_t bytes = start + 3 + 3; /* PkgLength; the size as a word */

	vfw_put(o, RES_END, 1);
	vfw_put(o, 0, 1); /* no checksum */
	o->to[bytes - 2] = (uint8_t)(o->at - bytes);
	o->to[bytes - 1] = (uint8_t)((o->at - bytes) >> 8);
	close(o, start);
}

/* 6.4.3.5 address space descriptor of 2-, 4- or 8-byte numbers. */
static void range(struct vfw_out *o, unsigned width, uint32_t kind, const struct board_pci_window *w)
{
	uint32_t tag = width == 8 ? RES_QWORD : width == 4 ? RES_DWORD : RES_WORD;
	uint32_t flags = kind == RES_MEMORY ? RES_READ_WRITE : kind == RES_PORTS ? RES_ISA_AND_NOT : 0;

	vfw_put(o, tag, 3);
	vfw_put(o, kind, 1);
	vfw_put(o, RES_FIXED, 1);
	vfw_put(o, flags, 1);
	vfw_put(o, 0, width); /* granularity */
	vfw_put(o, w->pci, width);
	vfw_put(o, w->pci + (w->size - 1), width);
	vfw_put(o, w->cpu - w->pci, width);
	vfw_put(o, w->size, width);
}

static void bridge_resources(struct vfw_out *o, const struct board_pci *pci)
{
	const struct board_pci_window buses = {
		.pci = pci->bus_first,
		.cpu = pci->bus_first,
		.size = pci->bus_last - (uint64_t)pci->bus_first + 1,
	};
	uint32_t start = template_open(o);

	range(o, 2, RES_BUS, &buses);
	for (unsigned i = 0; i < pci->window_count && i < PCI_WINDOW_MAX; i++) {
		const struct board_pci_window *w = &pci->window[i];

		if (!range_ok(w->pci, w->size)) {
			continue;
		}
		if (w->kind != PCI_WINDOW_IO) {
			bool low = range_inside(w->pci, w->size, 0, GIB(4)) && w->cpu == w->pci;

			range(o, low ? 4 : 8, RES_MEMORY, w);
		} else if (range_inside(w->pci, w->size, 0, KIB(64)) && w->size < KIB(64)) {
			range(o, 2, RES_PORTS, w);
		}
	}
	template_close(o, start);
}

/* 6.2.13: address of the slot, pin, no link device, global system interrupt. Slots are swizzled from intx[]. */
static void bridge_interrupts(struct vfw_out *o, const struct board_pci *pci)
{
	uint32_t all;

	name(o, "_PRT");
	all = open(o, AML_PACKAGE);
	vfw_put(o, PRT_ENTRIES, 1);
	for (uint32_t n = 0; n < PRT_ENTRIES; n++) {
		uint32_t slot = n / PINS;
		uint32_t pin = n % PINS;
		uint32_t one = open(o, AML_PACKAGE);

		vfw_put(o, 4, 1);
		vfw_put(o, AML_DWORD, 1);
		vfw_put(o, slot << 16 | 0xffff, 4);
		vfw_put(o, AML_BYTE, 1);
		vfw_put(o, pin, 1);
		vfw_put(o, AML_ZERO, 1);
		vfw_put(o, AML_DWORD, 1);
		vfw_put(o, pci->intx[(slot + pin) % PINS] - IRQ_SHARED, 4);
		close(o, one);
	}
	close(o, all);
}

static void bridge(struct vfw_out *o, const struct board_pci *pci)
{
	uint32_t start = open(o, AML_DEVICE);

	vfw_text(o, "PCI0");
	name_dword(o, "_HID", PNP(0x0a08));
	name_dword(o, "_CID", PNP(0x0a03));
	name_dword(o, "_BBN", pci->bus_first);
	bridge_resources(o, pci);
	bridge_interrupts(o, pci);
	close(o, start);
}

/* Systems believe in MCFG's window only if a motherboard resource reserves it [PCI Firmware 3.3, 4.1.2]. */
static void ecam(struct vfw_out *o, const struct board_pci *pci)
{
	uint32_t start = open(o, AML_DEVICE);
	uint32_t resources;

	vfw_text(o, "ECAM");
	name_dword(o, "_HID", PNP(0x0c02));
	resources = template_open(o);
	vfw_put(o, RES_FIXED_MEMORY, 3);
	vfw_put(o, RES_READ_WRITE, 1);
	vfw_put(o, pci->ecam, 4);
	vfw_put(o, pci->ecam_size, 4);
	template_close(o, resources);
	close(o, start);
}

static void serial(struct vfw_out *o)
{
	uint32_t start = open(o, AML_DEVICE);
	uint32_t resources;

	vfw_text(o, "COM1");
	name_dword(o, "_HID", PNP(0x0501));
	resources = template_open(o);
	vfw_put(o, RES_IO, 1);
	vfw_put(o, 1, 1); /* decodes 16 bits */
	vfw_put(o, COM1_PORT, 2);
	vfw_put(o, COM1_PORT, 2);
	vfw_put(o, 1, 1);
	vfw_put(o, 8, 1);
	vfw_put(o, RES_IRQ, 1);
	vfw_put(o, 1 << COM1_IRQ, 2);
	template_close(o, resources);
	close(o, start);
}

void vfw_aml(struct vfw_out *o, const struct board_pci *pci)
{
	uint32_t start;

	name(o, "_S5_");
	start = open(o, AML_PACKAGE);
	vfw_put(o, 4, 1);
	vfw_zero(o, 4);
	close(o, start);
	start = open(o, AML_SCOPE);
	vfw_text(o, "\\_SB_");
	if (pci != NULL) {
		bridge(o, pci);
		ecam(o, pci);
	}
	serial(o);
	close(o, start);
}
