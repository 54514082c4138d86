/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instruction decoder against bytes the GNU assembler made: a table that has every form, size, addressing mode and
 * segment at least once, every prefix of it cut short, every opcode that must be refused, and random bytes, which must
 * never read past the end (the bytes are on the heap, at their exact size, under ASan).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <asm/decode.h>
#include <hyp/types.h>

enum { W = 1, S = 2, I = 4, H = 8, NO = INSN_NO_REG, RIP = INSN_RIP };

#define BYTES(s) (const uint8_t *)s, sizeof(s) - 1

struct form {
	unsigned bits;
	const uint8_t *bytes;
	unsigned length;
	uint8_t size, reg_size;
	unsigned flags;
	uint8_t reg;
	uint64_t value;
	uint8_t seg, addr_size, base, index, scale;
	int64_t disp;
};

/* Above each the source, in AT&T syntax; displacements and constants decimal. */
static const struct form form[] = {
	/* movswl -128(%bp,%si),%ebx */
	{ 16, BYTES("\x66\x0f\xbf\x5a\x80"), 2, 4, S, 3, 0x0, SEG_SS, 2, 5, 6, 0, -0x80 },
	/* movl %ebx,1(%ebp) */
	{ 16, BYTES("\x67\x66\x89\x5d\x01"), 4, 4, W, 3, 0x0, SEG_SS, 4, 5, NO, 0, 0x1 },
	/* movzwl %cs:74565(%eax,%eax,4),%eax */
	{ 16, BYTES("\x2e\x67\x66\x0f\xb7\x84\x80\x45\x23\x01\x00"), 2, 4, 0, 0, 0x0, SEG_CS, 4, 0, 0, 2, 0x12345 },
	/* movl 0(%ebx,%edx,4),%ecx */
	{ 16, BYTES("\x67\x66\x8b\x0c\x93"), 4, 4, 0, 1, 0x0, SEG_DS, 4, 3, 2, 2, 0x0 },
	/* movl %ecx,%cs:4660 */
	{ 16, BYTES("\x2e\x66\x89\x0e\x34\x12"), 4, 4, W, 1, 0x0, SEG_CS, 2, NO, NO, 0, 0x1234 },
	/* movswl 2147483647(%ebx),%eax */
	{ 16, BYTES("\x67\x66\x0f\xbf\x83\xff\xff\xff\x7f"), 2, 4, S, 0, 0x0, SEG_DS, 4, 3, NO, 0, 0x7fffffff },
	/* movl $305419896,-128(%di) */
	{ 16, BYTES("\x66\xc7\x45\x80\x78\x56\x34\x12"), 4, 0, W | I, 0, 0x12345678, SEG_DS, 2, 7, NO, 0, -0x80 },
	/* movswl -1(%bp),%ebp */
	{ 16, BYTES("\x66\x0f\xbf\x6e\xff"), 2, 4, S, 5, 0x0, SEG_SS, 2, 5, NO, 0, -0x1 },
	/* mov %gs:4660,%eax */
	{ 16, BYTES("\x65\x66\xa1\x34\x12"), 4, 4, 0, 0, 0x0, SEG_GS, 2, NO, NO, 0, 0x1234 },
	/* movl -4660(%bx,%di),%esi */
	{ 16, BYTES("\x66\x8b\xb1\xcc\xed"), 4, 4, 0, 6, 0x0, SEG_DS, 2, 3, 7, 0, -0x1234 },
	/* movzwl %es:-4660(%si),%ebp */
	{ 16, BYTES("\x26\x66\x0f\xb7\xac\xcc\xed"), 2, 4, 0, 5, 0x0, SEG_ES, 2, 6, NO, 0, -0x1234 },
	/* movb $1,-74565(%ebp) */
	{ 16, BYTES("\x67\xc6\x85\xbb\xdc\xfe\xff\x01"), 1, 0, W | I, 0, 0x1, SEG_SS, 4, 5, NO, 0, -0x12345 },
	/* movsbl -4660(%bp),%ebp */
	{ 16, BYTES("\x66\x0f\xbe\xae\xcc\xed"), 1, 4, S, 5, 0x0, SEG_SS, 2, 5, NO, 0, -0x1234 },
	/* movzbl %cs:4660,%ebx */
	{ 16, BYTES("\x2e\x66\x0f\xb6\x1e\x34\x12"), 1, 4, 0, 3, 0x0, SEG_CS, 2, NO, NO, 0, 0x1234 },
	/* movb $255,127(%bp,%di) */
	{ 16, BYTES("\xc6\x43\x7f\xff"), 1, 0, W | I, 0, 0xff, SEG_SS, 2, 5, 7, 0, 0x7f },
	/* movb -1(%bp,%di),%ch */
	{ 16, BYTES("\x8a\x6b\xff"), 1, 1, H, 1, 0x0, SEG_SS, 2, 5, 7, 0, -0x1 },
	/* mov %gs:4660,%ax */
	{ 16, BYTES("\x65\xa1\x34\x12"), 2, 2, 0, 0, 0x0, SEG_GS, 2, NO, NO, 0, 0x1234 },
	/* movb -128(%ebx),%dl */
	{ 16, BYTES("\x67\x8a\x53\x80"), 1, 1, 0, 2, 0x0, SEG_DS, 4, 3, NO, 0, -0x80 },
	/* mov %fs:4660,%ax */
	{ 16, BYTES("\x64\xa1\x34\x12"), 2, 2, 0, 0, 0x0, SEG_FS, 2, NO, NO, 0, 0x1234 },
	/* movsbw %fs:4660(%bx,%si),%bp */
	{ 16, BYTES("\x64\x0f\xbe\xa8\x34\x12"), 1, 2, S, 5, 0x0, SEG_FS, 2, 3, 6, 0, 0x1234 },
	/* movzbw 1(%bp),%bx */
	{ 16, BYTES("\x0f\xb6\x5e\x01"), 1, 2, 0, 3, 0x0, SEG_SS, 2, 5, NO, 0, 0x1 },
	/* movb %bl,%ds:127(%bx,%di) */
	{ 16, BYTES("\x88\x59\x7f"), 1, 1, W, 3, 0x0, SEG_DS, 2, 3, 7, 0, 0x7f },
	/* movsbw 0(%esp),%bp */
	{ 16, BYTES("\x67\x0f\xbe\x2c\x24"), 1, 2, S, 5, 0x0, SEG_SS, 4, 4, NO, 0, 0x0 },
	/* movl 1(%ebp,%edx,4),%ebx */
	{ 16, BYTES("\x67\x66\x8b\x5c\x95\x01"), 4, 4, 0, 3, 0x0, SEG_SS, 4, 5, 2, 2, 0x1 },
	/* movzbw 1(%edx,%esi,2),%cx */
	{ 16, BYTES("\x67\x0f\xb6\x4c\x72\x01"), 1, 2, 0, 1, 0x0, SEG_DS, 4, 2, 6, 1, 0x1 },
	/* movl 0(%ecx),%ebx */
	{ 16, BYTES("\x67\x66\x8b\x19"), 4, 4, 0, 3, 0x0, SEG_DS, 4, 1, NO, 0, 0x0 },
	/* mov %ax,%gs:4660 */
	{ 16, BYTES("\x65\xa3\x34\x12"), 2, 2, W, 0, 0x0, SEG_GS, 2, NO, NO, 0, 0x1234 },
	/* movl $127,%gs:2147483647(%ebx,%ecx,8) */
	{ 16, BYTES("\x65\x67\x66\xc7\x84\xcb\xff\xff\xff\x7f\x7f\x00\x00\x00"),
	  4, 0, W | I, 0, 0x7f, SEG_GS, 4, 3, 1, 3, 0x7fffffff },
	/* movw $255,0(%ebp) */
	{ 16, BYTES("\x67\xc7\x45\x00\xff\x00"), 2, 0, W | I, 0, 0xff, SEG_SS, 4, 5, NO, 0, 0x0 },
	/* movzbl 74565(,%edi,8),%esp */
	{ 16, BYTES("\x67\x66\x0f\xb6\x24\xfd\x45\x23\x01\x00"), 1, 4, 0, 4, 0x0, SEG_DS, 4, NO, 7, 3, 0x12345 },
	/* movzwl 0(%esp,%ecx,1),%ebp */
	{ 16, BYTES("\x67\x66\x0f\xb7\x2c\x0c"), 2, 4, 0, 5, 0x0, SEG_SS, 4, 4, 1, 0, 0x0 },
	/* movb %ch,2147483647(%eax) */
	{ 16, BYTES("\x67\x88\xa8\xff\xff\xff\x7f"), 1, 1, W | H, 1, 0x0, SEG_DS, 4, 0, NO, 0, 0x7fffffff },
	/* movl $255,%cs:74565(%ecx) */
	{ 16, BYTES("\x2e\x67\x66\xc7\x81\x45\x23\x01\x00\xff\x00\x00\x00"),
	  4, 0, W | I, 0, 0xff, SEG_CS, 4, 1, NO, 0, 0x12345 },
	/* movb 0(%di),%bl */
	{ 16, BYTES("\x8a\x1d"), 1, 1, 0, 3, 0x0, SEG_DS, 2, 7, NO, 0, 0x0 },
	/* movl $-1,-74565(%eax) */
	{ 16, BYTES("\x67\x66\xc7\x80\xbb\xdc\xfe\xff\xff\xff\xff\xff"),
	  4, 0, W | I, 0, 0xffffffff, SEG_DS, 4, 0, NO, 0, -0x12345 },
	/* movzwl 74565(%esi),%esp */
	{ 32, BYTES("\x0f\xb7\xa6\x45\x23\x01\x00"), 2, 4, 0, 4, 0x0, SEG_DS, 4, 6, NO, 0, 0x12345 },
	/* movsbw -74565(%esi),%cx */
	{ 32, BYTES("\x66\x0f\xbe\x8e\xbb\xdc\xfe\xff"), 1, 2, S, 1, 0x0, SEG_DS, 4, 6, NO, 0, -0x12345 },
	/* movb -4660(%bx,%si),%ch */
	{ 32, BYTES("\x67\x8a\xa8\xcc\xed"), 1, 1, H, 1, 0x0, SEG_DS, 2, 3, 6, 0, -0x1234 },
	/* movb %bh,%gs:74565(%ebx) */
	{ 32, BYTES("\x65\x88\xbb\x45\x23\x01\x00"), 1, 1, W | H, 3, 0x0, SEG_GS, 4, 3, NO, 0, 0x12345 },
	/* movw $128,-1(%bx,%si) */
	{ 32, BYTES("\x67\x66\xc7\x40\xff\x80\x00"), 2, 0, W | I, 0, 0x80, SEG_DS, 2, 3, 6, 0, -0x1 },
	/* movw %es:127(%bp),%di */
	{ 32, BYTES("\x26\x67\x66\x8b\x7e\x7f"), 2, 2, 0, 7, 0x0, SEG_ES, 2, 5, NO, 0, 0x7f },
	/* movsbw 2147483647(%esi,%ecx,2),%cx */
	{ 32, BYTES("\x66\x0f\xbe\x8c\x4e\xff\xff\xff\x7f"), 1, 2, S, 1, 0x0, SEG_DS, 4, 6, 1, 1, 0x7fffffff },
	/* movb $120,%fs:-4660(%di) */
	{ 32, BYTES("\x64\x67\xc6\x85\xcc\xed\x78"), 1, 0, W | I, 0, 0x78, SEG_FS, 2, 7, NO, 0, -0x1234 },
	/* movsbw 74565(%esp,%ecx,4),%di */
	{ 32, BYTES("\x66\x0f\xbe\xbc\x8c\x45\x23\x01\x00"), 1, 2, S, 7, 0x0, SEG_SS, 4, 4, 1, 2, 0x12345 },
	/* movswl -4660(%bx,%si),%esp */
	{ 32, BYTES("\x67\x0f\xbf\xa0\xcc\xed"), 2, 4, S, 4, 0x0, SEG_DS, 2, 3, 6, 0, -0x1234 },
	/* movzwl 1(%edi),%esp */
	{ 32, BYTES("\x0f\xb7\x67\x01"), 2, 4, 0, 4, 0x0, SEG_DS, 4, 7, NO, 0, 0x1 },
	/* movzwl 1,%ebx */
	{ 32, BYTES("\x0f\xb7\x1d\x01\x00\x00\x00"), 2, 4, 0, 3, 0x0, SEG_DS, 4, NO, NO, 0, 0x1 },
	/* movsbl %ds:-128(%bx),%esp */
	{ 32, BYTES("\x67\x0f\xbe\x67\x80"), 1, 4, S, 4, 0x0, SEG_DS, 2, 3, NO, 0, -0x80 },
	/* mov %ax,4276093696 */
	{ 32, BYTES("\x66\xa3\x00\x03\xe0\xfe"), 2, 2, W, 0, 0x0, SEG_DS, 4, NO, NO, 0, 0xfee00300 },
	/* movzwl 74565(,%edx,2),%esp */
	{ 32, BYTES("\x0f\xb7\x24\x55\x45\x23\x01\x00"), 2, 4, 0, 4, 0x0, SEG_DS, 4, NO, 2, 1, 0x12345 },
	/* movzbw -74565(%edi),%cx */
	{ 32, BYTES("\x66\x0f\xb6\x8f\xbb\xdc\xfe\xff"), 1, 2, 0, 1, 0x0, SEG_DS, 4, 7, NO, 0, -0x12345 },
	/* movl $0,%fs:-74565(%esp,%ebx,8) */
	{ 32, BYTES("\x64\xc7\x84\xdc\xbb\xdc\xfe\xff\x00\x00\x00\x00"),
	  4, 0, W | I, 0, 0x0, SEG_FS, 4, 4, 3, 3, -0x12345 },
	/* movb -1(%bp,%di),%cl */
	{ 32, BYTES("\x67\x8a\x4b\xff"), 1, 1, 0, 1, 0x0, SEG_SS, 2, 5, 7, 0, -0x1 },
	/* mov %al,%fs:4276093696 */
	{ 32, BYTES("\x64\xa2\x00\x03\xe0\xfe"), 1, 1, W, 0, 0x0, SEG_FS, 4, NO, NO, 0, 0xfee00300 },
	/* movsbl %cs:0(%bp),%ecx */
	{ 32, BYTES("\x2e\x67\x0f\xbe\x4e\x00"), 1, 4, S, 1, 0x0, SEG_CS, 2, 5, NO, 0, 0x0 },
	/* movzbl -128(,%esi,2),%ecx */
	{ 32, BYTES("\x0f\xb6\x0c\x75\x80\xff\xff\xff"), 1, 4, 0, 1, 0x0, SEG_DS, 4, NO, 6, 1, -0x80 },
	/* movsbl 1(%eax,%edi,8),%esi */
	{ 32, BYTES("\x0f\xbe\x74\xf8\x01"), 1, 4, S, 6, 0x0, SEG_DS, 4, 0, 7, 3, 0x1 },
	/* movzbw -1(%ebp,%esi,1),%di */
	{ 32, BYTES("\x66\x0f\xb6\x7c\x35\xff"), 1, 2, 0, 7, 0x0, SEG_SS, 4, 5, 6, 0, -0x1 },
	/* movsbl -128(%ecx),%ebx */
	{ 32, BYTES("\x0f\xbe\x59\x80"), 1, 4, S, 3, 0x0, SEG_DS, 4, 1, NO, 0, -0x80 },
	/* movswl -1(%edx),%ebx */
	{ 32, BYTES("\x0f\xbf\x5a\xff"), 2, 4, S, 3, 0x0, SEG_DS, 4, 2, NO, 0, -0x1 },
	/* movl %esp,127(%esi) */
	{ 32, BYTES("\x89\x66\x7f"), 4, 4, W, 4, 0x0, SEG_DS, 4, 6, NO, 0, 0x7f },
	/* mov %fs:305419896,%eax */
	{ 32, BYTES("\x64\xa1\x78\x56\x34\x12"), 4, 4, 0, 0, 0x0, SEG_FS, 4, NO, NO, 0, 0x12345678 },
	/* movl $-19088743,-74565(%esi) */
	{ 32, BYTES("\xc7\x86\xbb\xdc\xfe\xff\x99\xba\xdc\xfe"),
	  4, 0, W | I, 0, 0xfedcba99, SEG_DS, 4, 6, NO, 0, -0x12345 },
	/* movswl %ss:-128(%ebp),%eax */
	{ 32, BYTES("\x0f\xbf\x45\x80"), 2, 4, S, 0, 0x0, SEG_SS, 4, 5, NO, 0, -0x80 },
	/* movl 0(%eax),%edx */
	{ 32, BYTES("\x8b\x10"), 4, 4, 0, 2, 0x0, SEG_DS, 4, 0, NO, 0, 0x0 },
	/* movswl 74565(%esp),%edx */
	{ 32, BYTES("\x0f\xbf\x94\x24\x45\x23\x01\x00"), 2, 4, S, 2, 0x0, SEG_SS, 4, 4, NO, 0, 0x12345 },
	/* movl $128,74565(,%ebx,1) */
	{ 32, BYTES("\xc7\x04\x1d\x45\x23\x01\x00\x80\x00\x00\x00"),
	  4, 0, W | I, 0, 0x80, SEG_DS, 4, NO, 3, 0, 0x12345 },
	/* movslq 127(%r8),%r8 */
	{ 64, BYTES("\x4d\x63\x40\x7f"), 4, 8, S, 8, 0x0, SEG_DS, 8, 8, NO, 0, 0x7f },
	/* movslq -74565(%r12),%rax */
	{ 64, BYTES("\x49\x63\x84\x24\xbb\xdc\xfe\xff"), 4, 8, S, 0, 0x0, SEG_DS, 8, 12, NO, 0, -0x12345 },
	/* movq $255,-128(%ebx) */
	{ 64, BYTES("\x67\x48\xc7\x43\x80\xff\x00\x00\x00"), 8, 0, W | I, 0, 0xff, SEG_DS, 4, 3, NO, 0, -0x80 },
	/* movq %rdi,%gs:1(%rdi,%rdi,4) */
	{ 64, BYTES("\x65\x48\x89\x7c\xbf\x01"), 8, 8, W, 7, 0x0, SEG_GS, 8, 7, 7, 2, 0x1 },
	/* movw %gs:-1(%rsp),%cx */
	{ 64, BYTES("\x65\x66\x8b\x4c\x24\xff"), 2, 2, 0, 1, 0x0, SEG_GS, 8, 4, NO, 0, -0x1 },
	/* movzbw 0(%r9,%rax,1),%bp */
	{ 64, BYTES("\x66\x41\x0f\xb6\x2c\x01"), 1, 2, 0, 5, 0x0, SEG_DS, 8, 9, 0, 0, 0x0 },
	/* movabs %rax,%fs:4276093104 */
	{ 64, BYTES("\x64\x48\xa3\xb0\x00\xe0\xfe\x00\x00\x00\x00"),
	  8, 8, W, 0, 0x0, SEG_FS, 8, NO, NO, 0, 0xfee000b0 },
	/* movzbl 0(%edi,%r14d,1),%esi */
	{ 64, BYTES("\x67\x42\x0f\xb6\x34\x37"), 1, 4, 0, 6, 0x0, SEG_DS, 4, 7, 14, 0, 0x0 },
	/* movw 127(,%r8d,1),%r8w */
	{ 64, BYTES("\x67\x66\x46\x8b\x04\x05\x7f\x00\x00\x00"), 2, 2, 0, 8, 0x0, SEG_DS, 4, NO, 8, 0, 0x7f },
	/* movabs 4276093104,%rax */
	{ 64, BYTES("\x48\xa1\xb0\x00\xe0\xfe\x00\x00\x00\x00"), 8, 8, 0, 0, 0x0, SEG_DS, 8, NO, NO, 0, 0xfee000b0 },
	/* movswq 127(%r14,%r15,8),%r10 */
	{ 64, BYTES("\x4f\x0f\xbf\x54\xfe\x7f"), 2, 8, S, 10, 0x0, SEG_DS, 8, 14, 15, 3, 0x7f },
	/* movsbq 128(,%r15,4),%rcx */
	{ 64, BYTES("\x4a\x0f\xbe\x0c\xbd\x80\x00\x00\x00"), 1, 8, S, 1, 0x0, SEG_DS, 8, NO, 15, 2, 0x80 },
	/* movslq 127(%rsp,%r9,8),%r13 */
	{ 64, BYTES("\x4e\x63\x6c\xcc\x7f"), 4, 8, S, 13, 0x0, SEG_SS, 8, 4, 9, 3, 0x7f },
	/* movw $0,128(%r14d,%r13d,2) */
	{ 64, BYTES("\x67\x66\x43\xc7\x84\x6e\x80\x00\x00\x00\x00\x00"),
	  2, 0, W | I, 0, 0x0, SEG_DS, 4, 14, 13, 1, 0x80 },
	/* movsbw -1(,%r11,1),%sp */
	{ 64, BYTES("\x66\x42\x0f\xbe\x24\x1d\xff\xff\xff\xff"), 1, 2, S, 4, 0x0, SEG_DS, 8, NO, 11, 0, -0x1 },
	/* movb -1(%rax),%bpl */
	{ 64, BYTES("\x40\x8a\x68\xff"), 1, 1, 0, 5, 0x0, SEG_DS, 8, 0, NO, 0, -0x1 },
	/* movabs %gs:20015998343868,%eax */
	{ 64, BYTES("\x65\xa1\xbc\x9a\x78\x56\x34\x12\x00\x00"),
	  4, 4, 0, 0, 0x0, SEG_GS, 8, NO, NO, 0, 0x123456789abc },
	/* movswl %gs:1(%rbx,%r14,1),%r13d */
	{ 64, BYTES("\x65\x46\x0f\xbf\x6c\x33\x01"), 2, 4, S, 13, 0x0, SEG_GS, 8, 3, 14, 0, 0x1 },
	/* movl $255,-74565(%rsi) */
	{ 64, BYTES("\xc7\x86\xbb\xdc\xfe\xff\xff\x00\x00\x00"), 4, 0, W | I, 0, 0xff, SEG_DS, 8, 6, NO, 0, -0x12345 },
	/* movzwl %gs:127(%rsi),%r15d */
	{ 64, BYTES("\x65\x44\x0f\xb7\x7e\x7f"), 2, 4, 0, 15, 0x0, SEG_GS, 8, 6, NO, 0, 0x7f },
	/* movq %rax,0(%r8) */
	{ 64, BYTES("\x49\x89\x00"), 8, 8, W, 0, 0x0, SEG_DS, 8, 8, NO, 0, 0x0 },
	/* movzbl 0(%rax),%r14d */
	{ 64, BYTES("\x44\x0f\xb6\x30"), 1, 4, 0, 14, 0x0, SEG_DS, 8, 0, NO, 0, 0x0 },
	/* movw %sp,74565(%rsp,%r14,2) */
	{ 64, BYTES("\x66\x42\x89\xa4\x74\x45\x23\x01\x00"), 2, 2, W, 4, 0x0, SEG_SS, 8, 4, 14, 1, 0x12345 },
	/* movb %dil,-74565(%r10d,%esi,2) */
	{ 64, BYTES("\x67\x41\x88\xbc\x72\xbb\xdc\xfe\xff"), 1, 1, W, 7, 0x0, SEG_DS, 4, 10, 6, 1, -0x12345 },
	/* movsbw %fs:-32(%rip),%r11w */
	{ 64, BYTES("\x64\x66\x44\x0f\xbe\x1d\xe0\xff\xff\xff"), 1, 2, S, 11, 0x0, SEG_FS, 8, RIP, NO, 0, -0x20 },
	/* movzwq -1(%r12,%rdi,8),%rbp */
	{ 64, BYTES("\x49\x0f\xb7\x6c\xfc\xff"), 2, 8, 0, 5, 0x0, SEG_DS, 8, 12, 7, 3, -0x1 },
	/* movq 0(%eip),%rsp */
	{ 64, BYTES("\x67\x48\x8b\x25\x00\x00\x00\x00"), 8, 8, 0, 4, 0x0, SEG_DS, 4, RIP, NO, 0, 0x0 },
	/* movsbw 0(%r12,%r12,1),%r14w */
	{ 64, BYTES("\x66\x47\x0f\xbe\x34\x24"), 1, 2, S, 14, 0x0, SEG_DS, 8, 12, 12, 0, 0x0 },
	/* movslq -1(%r9,%rbx,8),%r10 */
	{ 64, BYTES("\x4d\x63\x54\xd9\xff"), 4, 8, S, 10, 0x0, SEG_DS, 8, 9, 3, 3, -0x1 },
	/* movslq 0(%rbp,%r11,1),%rsp */
	{ 64, BYTES("\x4a\x63\x64\x1d\x00"), 4, 8, S, 4, 0x0, SEG_SS, 8, 5, 11, 0, 0x0 },
	/* movswl %fs:-128(%r11),%ebx */
	{ 64, BYTES("\x64\x41\x0f\xbf\x5b\x80"), 2, 4, S, 3, 0x0, SEG_FS, 8, 11, NO, 0, -0x80 },
	/* movsbl %gs:0(%esp,%r13d,2),%r14d */
	{ 64, BYTES("\x65\x67\x46\x0f\xbe\x34\x6c"), 1, 4, S, 14, 0x0, SEG_GS, 4, 4, 13, 1, 0x0 },
	/* movswq 128,%r9 */
	{ 64, BYTES("\x4c\x0f\xbf\x0c\x25\x80\x00\x00\x00"), 2, 8, S, 9, 0x0, SEG_DS, 8, NO, NO, 0, 0x80 },
	/* movb $0,2147483647(%rbx) */
	{ 64, BYTES("\xc6\x83\xff\xff\xff\x7f\x00"), 1, 0, W | I, 0, 0x0, SEG_DS, 8, 3, NO, 0, 0x7fffffff },
	/* movzbq 2147483647,%rbp */
	{ 64, BYTES("\x48\x0f\xb6\x2c\x25\xff\xff\xff\x7f"), 1, 8, 0, 5, 0x0, SEG_DS, 8, NO, NO, 0, 0x7fffffff },
	/* movl %r14d,%gs:74565(%rbx) */
	{ 64, BYTES("\x65\x44\x89\xb3\x45\x23\x01\x00"), 4, 4, W, 14, 0x0, SEG_GS, 8, 3, NO, 0, 0x12345 },
	/* movzbw -1(%r13,%r11,4),%bp */
	{ 64, BYTES("\x66\x43\x0f\xb6\x6c\x9d\xff"), 1, 2, 0, 5, 0x0, SEG_DS, 8, 13, 11, 2, -0x1 },
	/* movzbq 0(%r13),%rdi */
	{ 64, BYTES("\x49\x0f\xb6\x7d\x00"), 1, 8, 0, 7, 0x0, SEG_DS, 8, 13, NO, 0, 0x0 },
	/* movslq -74565(%r8),%r12 */
	{ 64, BYTES("\x4d\x63\xa0\xbb\xdc\xfe\xff"), 4, 8, S, 12, 0x0, SEG_DS, 8, 8, NO, 0, -0x12345 },
	/* movswl 1(%rcx),%eax */
	{ 64, BYTES("\x0f\xbf\x41\x01"), 2, 4, S, 0, 0x0, SEG_DS, 8, 1, NO, 0, 0x1 },
	/* movzbl 0(%r15d,%r15d,8),%esp */
	{ 64, BYTES("\x67\x43\x0f\xb6\x24\xff"), 1, 4, 0, 4, 0x0, SEG_DS, 4, 15, 15, 3, 0x0 },
	/* movswq -74565(%rcx,%rbp,4),%rbx */
	{ 64, BYTES("\x48\x0f\xbf\x9c\xa9\xbb\xdc\xfe\xff"), 2, 8, S, 3, 0x0, SEG_DS, 8, 1, 5, 2, -0x12345 },
	/* movzbw 2147483647(,%r10,1),%r14w */
	{ 64, BYTES("\x66\x46\x0f\xb6\x34\x15\xff\xff\xff\x7f"), 1, 2, 0, 14, 0x0, SEG_DS, 8, NO, 10, 0, 0x7fffffff },
	/* movb 2147483647(%rdx,%rcx,1),%bh */
	{ 64, BYTES("\x8a\xbc\x0a\xff\xff\xff\x7f"), 1, 1, H, 3, 0x0, SEG_DS, 8, 2, 1, 0, 0x7fffffff },
	/* movq $128,-1(%rbp) */
	{ 64, BYTES("\x48\xc7\x45\xff\x80\x00\x00\x00"), 8, 0, W | I, 0, 0x80, SEG_SS, 8, 5, NO, 0, -0x1 },
	/* movq %fs:0(%r13d),%r9 */
	{ 64, BYTES("\x64\x67\x4d\x8b\x4d\x00"), 8, 8, 0, 9, 0x0, SEG_FS, 4, 13, NO, 0, 0x0 },
	/* movl $255,%gs:-74565(%ecx,%ebp,8) */
	{ 64, BYTES("\x65\x67\xc7\x84\xe9\xbb\xdc\xfe\xff\xff\x00\x00\x00"),
	  4, 0, W | I, 0, 0xff, SEG_GS, 4, 1, 5, 3, -0x12345 },
	/* movb -74565(%ebp),%dl */
	{ 64, BYTES("\x67\x8a\x95\xbb\xdc\xfe\xff"), 1, 1, 0, 2, 0x0, SEG_SS, 4, 5, NO, 0, -0x12345 },
	/* movb %bh,2147483647(%rdi) */
	{ 64, BYTES("\x88\xbf\xff\xff\xff\x7f"), 1, 1, W | H, 3, 0x0, SEG_DS, 8, 7, NO, 0, 0x7fffffff },
	/* movb 0(%rdx),%dh */
	{ 64, BYTES("\x8a\x32"), 1, 1, H, 2, 0x0, SEG_DS, 8, 2, NO, 0, 0x0 },
	/* movslq -128(%esp),%r9 */
	{ 64, BYTES("\x67\x4c\x63\x4c\x24\x80"), 4, 8, S, 9, 0x0, SEG_SS, 4, 4, NO, 0, -0x80 },
	/* movq %r8,127(%r12d) */
	{ 64, BYTES("\x67\x4d\x89\x44\x24\x7f"), 8, 8, W, 8, 0x0, SEG_DS, 4, 12, NO, 0, 0x7f },
	/* movw $0,0(%ebp,%r8d,4) */
	{ 64, BYTES("\x67\x66\x42\xc7\x44\x85\x00\x00\x00"), 2, 0, W | I, 0, 0x0, SEG_SS, 4, 5, 8, 2, 0x0 },
	/* movswq 127(%r12d,%eax,1),%r14 */
	{ 64, BYTES("\x67\x4d\x0f\xbf\x74\x04\x7f"), 2, 8, S, 14, 0x0, SEG_DS, 4, 12, 0, 0, 0x7f },
	/* movl $-1,-1(%r13d,%r10d,8) */
	{ 64, BYTES("\x67\x43\xc7\x44\xd5\xff\xff\xff\xff\xff"),
	  4, 0, W | I, 0, 0xffffffff, SEG_DS, 4, 13, 10, 3, -0x1 },
};

static bool decode(const uint8_t *bytes, unsigned count, unsigned bits, struct insn *out)
{
	uint8_t *copy = malloc(count == 0 ? 1 : count);
	bool ok;

	memcpy(copy, bytes, count);
	ok = insn_decode(copy, count, bits, out);
	free(copy);
	return ok;
}

static void expect_form(const struct form *f, const struct insn *in)
{
	uint64_t mask = f->addr_size == 8 ? ~0ull : (1ull << (8 * f->addr_size)) - 1;

	assert_int_equal(in->length, f->length);
	assert_int_equal(in->size, f->size);
	assert_int_equal(in->write, (f->flags & W) != 0);
	assert_int_equal(in->sign, (f->flags & S) != 0);
	assert_int_equal(in->imm, (f->flags & I) != 0);
	assert_int_equal(in->high, (f->flags & H) != 0);
	assert_int_equal(in->reg, f->reg);
	assert_int_equal(in->value, f->value);
	assert_int_equal(in->reg_size, f->reg_size);
	assert_int_equal(in->seg, f->seg);
	assert_int_equal(in->addr_size, f->addr_size);
	assert_int_equal(in->base, f->base);
	assert_int_equal(in->index, f->index);
	assert_int_equal(in->scale, f->scale);
	assert_int_equal(in->disp & mask, (uint64_t)f->disp & mask);
}

static void decodes_what_the_assembler_made(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(form); i++) {
		struct insn in;

		if (!decode(form[i].bytes, form[i].length, form[i].bits, &in)) {
			fail_msg("form %u is refused", i);
		}
		expect_form(&form[i], &in);
	}
}

static void refuses_every_form_cut_short(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(form); i++) {
		for (unsigned n = 0; n < form[i].length; n++) {
			struct insn in;

			assert_false(decode(form[i].bytes, n, form[i].bits, &in));
		}
	}
}

static void takes_no_more_than_fifteen_bytes(void **state)
{
	uint8_t bytes[17];
	struct insn in;

	memset(bytes, 0x66, sizeof(bytes));
	bytes[13] = 0x8b;
	bytes[14] = 0x00;
	assert_true(decode(bytes, 17, 64, &in));
	assert_int_equal(in.length, 15);
	bytes[13] = 0x66;
	bytes[14] = 0x8b;
	bytes[15] = 0x00;
	assert_false(decode(bytes, 17, 64, &in));
	memset(bytes, 0x66, sizeof(bytes));
	assert_false(decode(bytes, 17, 64, &in));
}

static bool expected_opcode(unsigned bits, unsigned op)
{
	return (op >= 0x88 && op <= 0x8b) || (op >= 0xa0 && op <= 0xa3) || op == 0xc6 || op == 0xc7 ||
	       (op == 0x63 && bits == 64);
}

static bool is_prefix(unsigned bits, unsigned op)
{
	return (op & 0xe7) == 0x26 || (op >= 0x64 && op <= 0x67) || (bits == 64 && (op & 0xf0) == 0x40);
}

/* ModRM 05: a memory operand in every mode, register 0. */
static void knows_these_opcodes_and_no_other(void **state)
{
	for (unsigned bits = 16; bits <= 64; bits *= 2) {
		for (unsigned op = 0; op < 256; op++) {
			uint8_t one[15] = { (uint8_t)op, 0x05 };
			uint8_t two[15] = { 0x0f, (uint8_t)op, 0x05 };
			struct insn in;

			if (!is_prefix(bits, op)) {
				assert_int_equal(decode(one, 15, bits, &in), expected_opcode(bits, op));
			}
			assert_int_equal(decode(two, 15, bits, &in), (op & ~9u) == 0xb6);
		}
	}
}

static void refuses_registers_locks_and_repeats(void **state)
{
	static const struct {
		unsigned bits;
		const uint8_t *bytes;
		unsigned length;
	} bad[] = {
		{ 64, BYTES("\x89\xc8") },             /* mov %ecx,%eax */
		{ 64, BYTES("\x0f\xb6\xc1") },         /* movzbl %cl,%eax */
		{ 64, BYTES("\xf0\x89\x08") },         /* lock mov */
		{ 64, BYTES("\xf2\x89\x08") },         /* xacquire mov */
		{ 64, BYTES("\xf3\xa4") },             /* rep movsb */
		{ 64, BYTES("\xf3\x0f\xb6\x00") },
		{ 64, BYTES("\xc7\x48\x00\0\0\0\0") }, /* /1 */
		{ 64, BYTES("\xc6\xf8\x00") },         /* xabort */
		{ 64, BYTES("\x66\x63\x00") },         /* movsxd with 66 */
		{ 64, BYTES("\x48\x66\x8b\x00") },     /* REX not before the opcode */
		{ 32, BYTES("\x63\x00") },             /* arpl */
		{ 32, BYTES("\x48\x8b\x00") },         /* dec %eax */
		{ 64, BYTES("\x0f\x0f\xb6\x00") },
	};

	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		struct insn in;

		if (decode(bad[i].bytes, bad[i].length, bad[i].bits, &in)) {
			fail_msg("case %u is not refused", i);
		}
	}
}

/* In 64-bit code ES, CS, SS and DS prefixes do nothing, not even after FS. */
static void old_segments_mean_nothing_in_64_bit_code(void **state)
{
	struct insn in;

	assert_true(decode(BYTES("\x2e\x8b\x00"), 64, &in));
	assert_int_equal(in.seg, SEG_DS);
	assert_true(decode(BYTES("\x3e\x8b\x45\x00"), 64, &in));
	assert_int_equal(in.seg, SEG_SS);
	assert_true(decode(BYTES("\x64\x36\x8b\x00"), 64, &in));
	assert_int_equal(in.seg, SEG_FS);
}

static void random_bytes_are_bounded(void **state)
{
	uint64_t seed = 88172645463325252ull;

	for (unsigned n = 0; n < 200000; n++) {
		uint8_t bytes[16];
		struct insn in;
		unsigned count;

		for (unsigned i = 0; i < sizeof(bytes); i += 8) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			memcpy(bytes + i, &seed, 8);
		}
		count = bytes[15] & 15;
		if (decode(bytes, count, 16u << (n % 3), &in)) {
			assert_in_range(in.length, 2, count);
			assert_in_range(in.reg, 0, 15);
			assert_true(in.size == 1 || in.size == 2 || in.size == 4 || in.size == 8);
			assert_true(in.write || in.reg_size >= in.size);
			assert_true(in.base <= INSN_RIP || in.base == INSN_NO_REG);
			assert_true(in.index <= 15 || in.index == INSN_NO_REG);
		}
	}
}

/* SEEDS=directory: the table goes there, one file a form, as test/fuzz/fuzz_decode.c reads it. */
static int seeds_write(const char *dir)
{
	for (unsigned i = 0; i < ARRAY_COUNT(form); i++) {
		char name[512];
		FILE *f;

		(void)snprintf(name, sizeof(name), "%s/form-%u", dir, i);
		f = fopen(name, "w");
		if (f == NULL || fputc((int)(form[i].bits / 32), f) == EOF ||
		    fwrite(form[i].bytes, 1, form[i].length, f) != form[i].length || fclose(f) != 0) {
			return 1;
		}
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_what_the_assembler_made),
		cmocka_unit_test(refuses_every_form_cut_short),
		cmocka_unit_test(takes_no_more_than_fifteen_bytes),
		cmocka_unit_test(knows_these_opcodes_and_no_other),
		cmocka_unit_test(refuses_registers_locks_and_repeats),
		cmocka_unit_test(old_segments_mean_nothing_in_64_bit_code),
		cmocka_unit_test(random_bytes_are_bounded),
	};

	if (getenv("SEEDS") != NULL) {
		return seeds_write(getenv("SEEDS"));
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
