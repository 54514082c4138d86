/* SPDX-License-Identifier: Apache-2.0 */
/* Looking inside, for the monitor partition only: live entries, the hardware's walk, the report. Changes nothing. */
#include <hyp/hypercall.h>

#include <hyp/string.h>

enum { ENTRY_WORDS = 8, TEXT_MAX = 512 };

/* The right comes first: another partition learns nothing, not even which devices exist. */
static int64_t debug_endpoint(const struct vcpu *vcpu, struct endpoint **ep)
{
	struct smmu_devid id;

	if ((vcpu->vm->cfg->rights & CFG_VM_MONITOR) == 0) {
		return -BH_EPERM;
	}
	if (!hc_devid_decode(arch_vcpu_hc_arg(vcpu, 0), arch_vcpu_hc_arg(vcpu, 1), &id)) {
		return -BH_EINVAL;
	}
	return vcpu->arg_page ? endpoint_get(&id, ep) : -BH_EFAULT;
}

/* Text behind the words, zero-terminated, eight characters to a word. */
static void text_write(const struct vcpu *vcpu, unsigned at, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t v;

		memcpy(&v, text + i, sizeof(v));
		arg_word_write(vcpu, at + (unsigned)(i / sizeof(v)), v);
	}
}

void hc_debug_stream(struct vcpu *vcpu)
{
	uint64_t words[ENTRY_WORDS] = { 0 };
	char text[TEXT_MAX] = { 0 };
	struct endpoint *ep;
	int64_t err = debug_endpoint(vcpu, &ep);

	if (!err) {
		int n = endpoint_entry(ep, words, text, sizeof(text));

		err = n < 0 ? n : 0;
	}
	if (!err) {
		for (unsigned i = 0; i < ENTRY_WORDS; i++) {
			arg_word_write(vcpu, i, words[i]);
		}
		text[TEXT_MAX - 1] = '\0';
		text_write(vcpu, ENTRY_WORDS, text, sizeof(text));
	}
	hc_status(vcpu, err);
}

void hc_debug_walk(struct vcpu *vcpu)
{
	struct walk_result w;
	struct endpoint *ep;
	int64_t err = debug_endpoint(vcpu, &ep);

	if (!err) {
		err = endpoint_walk(ep, arch_vcpu_hc_arg(vcpu, 2), &w);
	}
	if (!err) {
		for (unsigned i = 0; i < ARRAY_COUNT(w.entry); i++) {
			arg_word_write(vcpu, i, w.entry[i]);
		}
		arch_vcpu_hc_ret(vcpu, 1, w.pa);
		arch_vcpu_hc_ret(vcpu, 2, w.prot);
		arch_vcpu_hc_ret(vcpu, 3, w.levels);
	}
	hc_status(vcpu, err);
}

void hc_debug_report(struct vcpu *vcpu)
{
	if ((vcpu->vm->cfg->rights & CFG_VM_MONITOR) == 0) {
		hc_status(vcpu, -BH_EPERM);
		return;
	}
	iommu_report();
	hc_status(vcpu, 0);
}
