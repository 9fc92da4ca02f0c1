import type { HLJSApi, Language } from 'highlight.js'

/** The configuration language, as far as colours go. */
export function alloyLanguage(hljs: HLJSApi): Language {
  return {
    name: 'alloy',
    keywords: { keyword: 'declare argument export import foreach', literal: 'true false null' },
    contains: [
      hljs.C_LINE_COMMENT_MODE,
      hljs.C_BLOCK_COMMENT_MODE,
      hljs.QUOTE_STRING_MODE,
      { scope: 'string', begin: '`', end: '`' },
      { scope: 'attr', match: /^[ \t]*[A-Za-z_]\w*(?=\s*=)/m },
      { scope: 'title', match: /^[ \t]*[A-Za-z_][\w.]*(?=\s*(?:"[^"\n]*"\s*)?\{)/m },
      hljs.C_NUMBER_MODE,
    ],
  }
}
