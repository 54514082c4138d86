# SPDX-License-Identifier: Apache-2.0
# A module is a file: create it and it is built. Variants are folders, not #ifdefs. `make help` lists everything.
-include local.mk
ARCH   ?= arm64
CONFIG ?= $(if $(filter x86,$(ARCH)),demo-q35,demo-virt)
O      ?= build/$(ARCH)-$(CONFIG)$(if $(DEBUG),-debug)$(if $(CLANG),-clang)
H      := build/host
DEPS   := build/deps

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

ifeq ($(filter arm64 x86,$(ARCH)),)
$(error ARCH=$(ARCH): there are arm64 and x86)
endif

# --- Tools -------------------------------------------------------------------------------------------------------
# Set up when a tool is missing, once, before anything is built or asked for its name.
ifeq ($(filter help clean distclean setup,$(MAKECMDGOALS)),)
$(if $(filter ok,$(shell sh tools/setup.sh --check >&2 && echo ok)),,$(error the set-up failed: see above))
endif
ifndef CROSS
CROSS_LIST_arm64 := aarch64-none-elf- aarch64-linux-gnu-
CROSS_LIST_x86   := x86_64-elf- x86_64-linux-gnu-
CROSS := $(firstword $(foreach p,$(CROSS_LIST_$(ARCH)),$(if $(shell command -v $(p)gcc),$(p))))
endif
TARGET_arm64 := aarch64-none-elf
TARGET_x86   := x86_64-none-elf
CC_gcc   := $(CROSS)gcc
CC_clang := clang --target=$(TARGET_$(ARCH))
CC_TARGET := $(if $(CLANG),$(CC_clang),$(CC_gcc))
LD       := $(CROSS)ld
OBJCOPY  := $(CROSS)objcopy
AR       := $(CROSS)ar
SIZE     := $(CROSS)size
HOSTCC   ?= gcc

# --- Flags -------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wimplicit-fallthrough -Wno-unused-parameter
INC_HYP := -Ihyp/include -Iguest-api/include -Iarch/$(ARCH)/include
CFLAGS_TARGET = -std=c11 -ffreestanding -fno-pic -fno-pie -fno-common -fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections -g -DBULKHEAD_DEBUG=$(if $(DEBUG),1,0) $(CFLAGS_$(ARCH))
CFLAGS_arm64 := -mstrict-align $(if $(CLANG),,-mno-outline-atomics)
CFLAGS_x86   := -m64 -mno-red-zone -fcf-protection=none -mstack-protector-guard=global
CFLAGS_TARGET += -mgeneral-regs-only $(if $(CLANG),,-fno-tree-loop-distribute-patterns)
CFLAGS_HYP := $(CFLAGS_TARGET) -O2 -fstack-protector-strong -fstack-usage $(WARN) $(INC_HYP)

# What a guest waits for is built for speed, everything else for size.
FAST := hyp/iommu_fast.c hyp/pgtable.c hyp/hypercall.c arch/arm64/vpsci.c arch/arm64/gicv3.c arch/arm64/vgic_lr.c \
	arch/arm64/vgic.c drivers/iommu/smmuv3/cmdq.c $(addprefix arch/x86/,svm.c vlapic.c vlapic_ipi.c vlapic_timer.c vlapic_regs.c lapic.c irq.c cpuid.c msr.c) \
	drivers/iommu/vtd/invq.c

# --- The hypervisor ----------------------------------------------------------------------------------------------
IOMMU_arm64 := smmuv3
UART_arm64  := pl011
IOMMU_x86   := vtd
UART_x86    := ns16550
# Systems are in configs/, those of the system tests in test/system/configs/.
CONFIG_FILE := $(firstword $(wildcard configs/$(CONFIG).c test/system/configs/$(CONFIG).c test/system/configs/$(ARCH)/$(CONFIG).c))
$(if $(CONFIG_FILE),,$(error CONFIG=$(CONFIG): there is no configs/$(CONFIG).c))
SRC := $(wildcard hyp/*.c hyp/lib/*.c arch/$(ARCH)/*.c arch/$(ARCH)/*.S drivers/iommu/$(IOMMU_$(ARCH))/*.c) \
	drivers/uart/$(UART_$(ARCH)).c $(CONFIG_FILE)
# board.h is the machine that systems for every architecture are written for; RAM begins at RAM_BASE there.
INC_CONFIG = -Iconfigs -Iconfigs/$(ARCH) -Itest/system/configs
RAM_BASE_arm64 := 0x40000000
RAM_BASE_x86   := 0x0
RAM_BASE       := $(RAM_BASE_$(ARCH))
# All but the configuration and the images is the same in every system: compiled once, unless you say O=.
B := $(if $(filter file,$(origin O)),build/$(ARCH)$(if $(DEBUG),-debug)$(if $(CLANG),-clang),$(O))
OBJ := $(addprefix $(B)/,$(addsuffix .o,$(SRC)))
LIBFDT_arm64 := $(DEPS)/arm64/usr/lib/aarch64-linux-gnu/libfdt.a
INC_LIBFDT_arm64 := -isystem $(DEPS)/arm64/usr/include

include $(CONFIG_FILE:.c=.mk)
include test/test.mk

all: $(O)/hyp.bin size ## build the hypervisor image of CONFIG for ARCH

# Partition images: guest-api/examples/NAME.c or test/guests/NAME.c, linked at IMAGE_BASE_NAME (configs/CONFIG.mk).
GUEST_LIB_SRC := $(wildcard guest-api/lib/*.c guest-api/lib/$(ARCH)/*.c guest-api/lib/$(ARCH)/*.S)
GUEST_LIB := $(B)/libsmmu.a
CFLAGS_GUEST := $(CFLAGS_TARGET) -O2 $(WARN) -Iguest-api/include -Itest/guests

$(GUEST_LIB): $(addprefix $(B)/guest/,$(addsuffix .o,$(GUEST_LIB_SRC)))
	@rm -f $@
	@$(AR) rcs $@ $^

$(B)/guest/%.c.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC_TARGET) $(CFLAGS_GUEST) -MMD -MP -c $< -o $@

$(B)/guest/%.S.o: %.S
	@mkdir -p $(@D)
	@$(CC_TARGET) $(CFLAGS_GUEST) -MMD -MP -c $< -o $@

# $(1): image name
define GUEST_IMAGE
$(O)/image-$(1).elf: $(B)/guest/$(wildcard guest-api/examples/$(or $(IMAGE_SRC_$(1)),$(1)).c test/guests/$(or $(IMAGE_SRC_$(1)),$(1)).c).o $(GUEST_LIB) linker/guest-$(ARCH).ld
	@mkdir -p $$(@D)
	@$(LD) -nostdlib --gc-sections --fatal-warnings -z max-page-size=4096 -z noexecstack --defsym=GUEST_BASE=$(IMAGE_BASE_$(1)) -T linker/guest-$(ARCH).ld $$(filter %.o %.a,$$^) -o $$@
$(O)/image-$(1).bin: $(O)/image-$(1).elf
	@$(OBJCOPY) -O binary $$< $$@
endef
$(foreach i,$(IMAGES),$(eval $(call GUEST_IMAGE,$(i))))

$(O)/images.S: $(CONFIG_FILE:.c=.mk) Makefile
	@mkdir -p $(@D)
	@for i in $(IMAGES); do \
		printf '.section .images,"a"\n.balign 16\n.global image_%s_start\nimage_%s_start:\n.incbin "$(O)/image-%s.bin"\n.global image_%s_end\nimage_%s_end:\n.byte 0\n' $$i $$i $$i $$i $$i; \
	done >$@
$(O)/images.o: $(O)/images.S $(foreach i,$(IMAGES),$(O)/image-$(i).bin)
	@$(CC_TARGET) -c $< -o $@

$(B)/%.c.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC_TARGET) $(CFLAGS_HYP) $(if $(filter $(FAST),$<),-O2,-Os) $(if $(findstring platform,$<),$(INC_LIBFDT_$(ARCH))) -MMD -MP -c $< -o $@

$(B)/configs/%.c.o $(B)/test/system/configs/%.c.o: CFLAGS_HYP += $(INC_CONFIG)

$(B)/%.S.o: %.S
	@mkdir -p $(@D)
	@echo "  AS    $<"
	@$(CC_TARGET) $(CFLAGS_HYP) -MMD -MP -c $< -o $@

$(O)/hyp.ld: linker/$(ARCH).ld.S linker/init.ld.h linker/sections.ld.S
	@mkdir -p $(@D)
	@$(CC_gcc) -E -P -x c $(INC_HYP) -Ilinker $< -o $@

# The configuration is judged on the host, with the real images, before it may be linked.
$(H)/check/$(ARCH)-$(CONFIG): tools/check-config.c $(CONFIG_FILE) $(wildcard hyp/config_*.c) hyp/board_check.c hyp/lib/format.c \
		arch/$(ARCH)/config_rules.c $(O)/images.S $(foreach i,$(IMAGES),$(O)/image-$(i).bin)
	@mkdir -p $(@D)
	@$(HOSTCC) -std=c11 -g $(WARN) -Itest/config/$(ARCH) -Itest/fake/include -Ihyp/include -Iguest-api/include -I. $(INC_CONFIG) -Wl,-z,noexecstack $(filter %.c %.S,$^) -o $@
$(O)/config.ok: $(H)/check/$(ARCH)-$(CONFIG)
	@$< && touch $@

# A test system may put a function in place of one of ours (INJECT := file.c --wrap=name in its .mk): no other image does.
OBJ += $(patsubst %,$(B)/%.o,$(filter %.c,$(INJECT)))

$(O)/hyp.elf: $(OBJ) $(O)/images.o $(O)/hyp.ld $(LIBFDT_$(ARCH)) $(O)/config.ok
	@echo "  LD    $@"
	@$(LD) -nostdlib --gc-sections --fatal-warnings --no-undefined -z max-page-size=4096 -z noexecstack -T $(O)/hyp.ld -Map $(O)/hyp.map $(filter --wrap=%,$(INJECT)) $(OBJ) $(O)/images.o $(LIBFDT_$(ARCH)) -o $@

$(O)/hyp.bin: $(O)/hyp.elf
	@$(OBJCOPY) $(HYP_BIN_$(ARCH)) $< $@

# What QEMU and boot loaders are given: an arm64 Image; an ELF with the PVH note and the Multiboot2 header.
HYP_BIN_arm64 := -O binary
HYP_BIN_x86   := --strip-all

iso: $(O)/hyp.iso ## x86: a disk image that BIOS and UEFI machines boot through GRUB
	@echo "  $<"

$(O)/hyp.iso: $(O)/hyp.bin tools/grub.cfg
	@$(if $(filter x86,$(ARCH)),,$(error make iso is for ARCH=x86))
	@rm -rf $(O)/iso
	@mkdir -p $(O)/iso/boot/grub
	@cp $< $(O)/iso/boot/hyp.bin
	@cp tools/grub.cfg $(O)/iso/boot/grub/grub.cfg
	@grub-mkrescue -o $@ $(O)/iso >$(O)/iso.log 2>&1 || { cat $(O)/iso.log; exit 1; }

# KiB of text+rodata and of RAM, for the demonstrations built with gcc.
SIZE_LIMIT_arm64 := 80 2048
SIZE_LIMIT_x86   := 96 2048

size: $(O)/hyp.elf ## text+rodata and RAM of the image, against their limits
	@sh tools/size.sh $(SIZE) $< $(SIZE_LIMIT_$(ARCH)) $(if $(DEBUG)$(CLANG)$(filter-out demo-virt demo-q35,$(CONFIG)),report)

setup: ## install what is missing (root or sudo)
	@sh tools/setup.sh

help: ## this list
	@awk -F':.*## ' '/^[a-z][a-z0-9 -]*:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  variables:   ARCH=arm64|x86 CONFIG=$(CONFIG) O=dir DEBUG=1 CLANG=1"
	@echo "  ARCH=x86 goes with all of them: make run ARCH=x86, make bench ARCH=x86; make iso needs it"

clean: ## remove what was built, keep downloaded packages
	@find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf --one-file-system {} + 2>/dev/null || true

distclean: ## remove everything that git does not know
	@rm -rf --one-file-system build

.PHONY: all iso size setup help clean distclean
-include $(OBJ:.o=.d) $(shell find $(B)/guest -name '*.d' 2>/dev/null)
