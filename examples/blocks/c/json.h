/* The little JSON that a block needs: the text of one member of an object. */
#ifndef PATCHCORD_JSON_H
#define PATCHCORD_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#include "jsmn.h"

/* Tokens that the properties of a block may have. */
#define JSON_TOKENS 256

static unsigned json_hex(const char *text) {
  unsigned value = 0;
  for (int place = 0; place < 4; place++) {
    char c = text[place];
    value = value * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  }
  return value;
}

static size_t json_utf8(unsigned code, char *to) {
  if (code < 0x80) return to[0] = (char)code, 1;
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t place = length - 1; place > 0; place--, code >>= 6) to[place] = (char)(0x80 | (code & 0x3f));
  to[0] = (char)((0xf00 >> length) | code);
  return length;
}

/* Resolves the escapes of a JSON string. What it returns was allocated. */
static char *json_unescape(const char *from, size_t length) {
  char *text = malloc(length + 1), *to = text;
  for (const char *end = from + length; from < end;) {
    if (*from != '\\') {
      *to++ = *from++;
      continue;
    }
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    const char *name = strchr(names, from[1]);
    if (from[1] == 'u') {
      unsigned code = json_hex(from + 2);
      from += 6;
      if (code >= 0xd800 && code < 0xdc00 && end - from >= 6 && from[0] == '\\' && from[1] == 'u') {
        code = 0x10000 + ((code - 0xd800) << 10) + (json_hex(from + 2) - 0xdc00);
        from += 6;
      }
      to += json_utf8(code, to);
    } else {
      *to++ = name ? values[name - names] : from[1];
      from += 2;
    }
  }
  *to = 0;
  return text;
}

/* The text of the member `name` of a JSON object; none where there is no such text. What it returns was allocated. */
static char *json_text(const char *json, size_t length, const char *name) {
  static jsmntok_t tokens[JSON_TOKENS];
  jsmn_parser parser;
  jsmn_init(&parser);
  int count = jsmn_parse(&parser, json, length, tokens, JSON_TOKENS);
  for (int at = 1, past = 0; at + 1 < count; at++) {
    const jsmntok_t *key = &tokens[at], *value = &tokens[at + 1];
    /* A key of the object itself lies behind all values so far, and is the one token with one child. */
    if (key->start < past || key->size != 1) continue;
    past = value->end;
    size_t size = (size_t)(key->end - key->start);
    if (value->type == JSMN_STRING && size == strlen(name) && memcmp(json + key->start, name, size) == 0)
      return json_unescape(json + value->start, (size_t)(value->end - value->start));
  }
  return NULL;
}

#endif
