/* SPDX-License-Identifier: Apache-2.0 */
/* The formatter behind the log: the conversions of hyp/log.h, no floating point, no allocation. */
#include <hyp/log.h>
#include <hyp/string.h>

struct out {
	char *buf;
	size_t size;
	size_t length;
};

struct spec {
	bool zero;
	bool left;
	bool is_long;
	unsigned width;
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size) {
		o->buf[o->length] = c;
	}
	o->length++;
}

static void pad(struct out *o, char c, unsigned have, unsigned want)
{
	for (; have < want; have++) {
		put(o, c);
	}
}

static void put_text(struct out *o, const struct spec *sp, const char *s)
{
	unsigned n = (unsigned)strlen(s);

	if (!sp->left) {
		pad(o, ' ', n, sp->width);
	}
	while (*s) {
		put(o, *s++);
	}
	if (sp->left) {
		pad(o, ' ', n, sp->width);
	}
}

static void put_number(struct out *o, const struct spec *sp, uint64_t v, unsigned base, bool negative)
{
	char digits[24];
	unsigned n = sizeof(digits);

	digits[--n] = 0;
	do {
		digits[--n] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v > 0);
	if (sp->zero) {
		unsigned have = (unsigned)(sizeof(digits) - 1 - n) + negative;

		if (negative) {
			put(o, '-');
		}
		pad(o, '0', have, sp->width);
		while (digits[n]) {
			put(o, digits[n++]);
		}
		return;
	}
	if (negative) {
		digits[--n] = '-';
	}
	put_text(o, sp, &digits[n]);
}

static const char *parse_spec(const char *f, struct spec *sp)
{
	*sp = (struct spec){ 0 };
	for (;; f++) {
		if (*f == '0') {
			sp->zero = true;
		} else if (*f == '-') {
			sp->left = true;
		} else {
			break;
		}
	}
	for (; *f >= '0' && *f <= '9'; f++) {
		sp->width = sp->width * 10 + (unsigned)(*f - '0');
	}
	for (; *f == 'l' || *f == 'z'; f++) {
		sp->is_long = true;
	}
	return f;
}

size_t hyp_vsnprintf(char *buf, size_t size, const char *f, va_list ap)
{
	struct out o = { buf, size, 0 };

	for (; *f; f++) {
		struct spec sp;
		uint64_t v;

		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f = parse_spec(f + 1, &sp);
		switch (*f) {
		case 's':
			put_text(&o, &sp, va_arg(ap, const char *));
			break;
		case 'c':
			put(&o, (char)va_arg(ap, int));
			break;
		case 'd': {
			int64_t d = sp.is_long ? va_arg(ap, int64_t) : va_arg(ap, int);

			put_number(&o, &sp, d < 0 ? -(uint64_t)d : (uint64_t)d, 10, d < 0);
			break;
		}
		case 'u':
		case 'x':
			v = sp.is_long ? va_arg(ap, uint64_t) : va_arg(ap, unsigned);
			put_number(&o, &sp, v, *f == 'u' ? 10 : 16, false);
			break;
		case 'p':
			put_number(&o, &sp, (uintptr_t)va_arg(ap, void *), 16, false);
			break;
		case 0:
			f--;
			break;
		default:
			put(&o, *f);
		}
	}
	if (size > 0) {
		buf[o.length < size ? o.length : size - 1] = 0;
	}
	return o.length;
}

size_t hyp_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = hyp_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
