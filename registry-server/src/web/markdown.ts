import MarkdownIt from 'markdown-it'
import sanitizeHtml from 'sanitize-html'
import { Html } from './html.ts'

const markdown = new MarkdownIt({ html: false, linkify: true })

/** Escaped HTML of code, by the code. */
export type CodeColours = ReadonlyMap<string, string>

const plainFence = markdown.renderer.rules.fence!
markdown.renderer.rules.fence = (tokens, at, options, env, self) => {
  const markup = (env?.['colours'] as CodeColours | undefined)?.get(tokens[at]!.content)
  return markup === undefined ? plainFence(tokens, at, options, env, self) : `<pre><code>${markup}</code></pre>\n`
}

/** Everything that Markdown needs and nothing that runs, loads or looks like our own controls. */
const allowed: sanitizeHtml.IOptions = {
  allowedTags: 'h3 h4 h5 h6 p blockquote ul ol li hr br pre code em strong s a table thead tbody tr th td span'.split(
    ' ',
  ),
  allowedAttributes: { a: ['href', 'rel'], ol: ['start'], pre: ['tabindex'], table: ['tabindex'] },
  // What colours code, and is made by nobody but our highlighter.
  allowedClasses: { span: ['hljs-*'] },
  allowedSchemes: ['https', 'http', 'mailto'],
  allowProtocolRelative: false,
  transformTags: {
    // The page has its own first and second level.
    h1: 'h3',
    h2: 'h4',
    a: (_tag, { href }) => ({
      tagName: 'a',
      attribs: href === undefined ? {} : { href, rel: 'nofollow ugc noopener' },
    }),
    // What may be wider than the screen is scrolled by keyboard too.
    pre: sanitizeHtml.simpleTransform('pre', { tabindex: '0' }),
    table: sanitizeHtml.simpleTransform('table', { tabindex: '0' }),
    // Images would tell strangers who reads: their texts stand for them.
    img: (_tag, { alt }) => ({ tagName: 'em', attribs: {}, text: alt ?? '' }),
  },
}

/** A stranger's Markdown as part of a page. */
export function renderMarkdown(text: string, colours: CodeColours = new Map()): Html {
  return new Html(sanitizeHtml(markdown.render(text, { colours }), allowed))
}

/** Blocks of code that Markdown marks with a language. */
export function codeBlocks(text: string): { readonly language: string; readonly code: string }[] {
  return markdown.parse(text, {}).flatMap(({ type, info, content }) => {
    const language = languageOf(info)
    return type === 'fence' && language !== '' ? [{ language, code: content }] : []
  })
}

function languageOf(info: string): string {
  return info.trim().split(/\s+/, 1)[0]!.toLowerCase()
}

/** One line of it: a description in a table. */
export function renderInline(text: string): Html {
  return new Html(sanitizeHtml(markdown.renderInline(text), allowed))
}
