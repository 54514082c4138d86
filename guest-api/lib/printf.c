/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting for the console: the subset named in <bulkhead/guest.h>, nothing that needs floating point. */
#include <bulkhead/guest.h>

struct out {
	char *buf;
	size_t size;
	size_t len; /* characters asked for, also those that did not fit */
};

struct spec {
	bool left;
	bool zero;
	unsigned width;
	unsigned longs; /* how many 'l'; z counts as one */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size) {
		o->buf[o->len] = c;
	}
	o->len++;
}

static void put_padded(struct out *o, const struct spec *s, const char *text, size_t n, bool number)
{
	size_t pad = s->width > n ? s->width - n : 0;
	char fill = s->zero && number && !s->left ? '0' : ' ';

	if (fill == '0' && n > 0 && *text == '-') {
		put(o, *text++);
		n--;
	}
	while (!s->left && pad > 0) {
		put(o, fill);
		pad--;
	}
	while (n-- > 0) {
		put(o, *text++);
	}
	while (pad-- > 0 && s->left) {
		put(o, ' ');
	}
}

static void put_number(struct out *o, const struct spec *s, uint64_t v, bool negative, unsigned base)
{
	char digits[24];
	size_t i = sizeof(digits);

	do {
		digits[--i] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	if (negative) {
		digits[--i] = '-';
	}
	put_padded(o, s, digits + i, sizeof(digits) - i, true);
}

static const char *parse_spec(const char *f, struct spec *s)
{
	*s = (struct spec){ false, false, 0, 0 };
	for (; *f == '-' || *f == '0'; f++) {
		s->left = s->left || *f == '-';
		s->zero = s->zero || *f == '0';
	}
	for (; *f >= '0' && *f <= '9'; f++) {
		s->width = s->width * 10 + (unsigned)(*f - '0');
	}
	for (; *f == 'l' || *f == 'z'; f++) {
		s->longs++;
	}
	return f;
}

static void put_signed(struct out *o, const struct spec *s, int64_t v)
{
	put_number(o, s, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0, 10);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { buf, size, 0 };
	struct spec s;
	const char *text;
	char c;

	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s);
		switch (*fmt) {
		case 'd':
		case 'i':
			put_signed(&o, &s, s.longs != 0 ? va_arg(ap, int64_t) : va_arg(ap, int));
			break;
		case 'u':
		case 'x':
			put_number(&o, &s, s.longs != 0 ? va_arg(ap, uint64_t) : va_arg(ap, unsigned), false,
				   *fmt == 'x' ? 16 : 10);
			break;
		case 'p':
			put(&o, '0');
			put(&o, 'x');
			put_number(&o, &s, (uintptr_t)va_arg(ap, void *), false, 16);
			break;
		case 's':
			text = va_arg(ap, const char *);
			text = text != NULL ? text : "(null)";
			put_padded(&o, &s, text, strlen(text), false);
			break;
		case 'c':
			c = (char)va_arg(ap, int);
			put_padded(&o, &s, &c, 1, false);
			break;
		case '%':
			put(&o, '%');
			break;
		default: /* '\0' as well: stay on it, the loop must see it */
			put(&o, '?');
			fmt -= *fmt == '\0';
			break;
		}
	}
	if (size > 0) {
		buf[o.len < size ? o.len : size - 1] = '\0';
	}
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
