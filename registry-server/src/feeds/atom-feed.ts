export interface FeedEntry {
  /** Never changes, and no other entry has it. */
  readonly id: string
  readonly title: string
  readonly at: string
  readonly link: string
  readonly text: string
}

export interface Feed {
  readonly id: string
  readonly title: string
  /** Where the feed itself is. */
  readonly self: string
  readonly entries: readonly FeedEntry[]
}

/** An Atom feed (RFC 4287), the newest entry first. */
export function atomFeed({ id, title, self, entries }: Feed): string {
  const updated = entries[0]?.at ?? new Date(0).toISOString()
  const items = entries.map(
    (entry) => `<entry>
<id>${xml(entry.id)}</id>
<title>${xml(entry.title)}</title>
<updated>${xml(entry.at)}</updated>
<link href="${xml(entry.link)}"/>
<summary>${xml(entry.text)}</summary>
</entry>
`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${xml(id)}</id>
<title>${xml(title)}</title>
<updated>${xml(updated)}</updated>
<author><name>${xml(title)}</name></author>
<link rel="self" type="application/atom+xml" href="${xml(self)}"/>
${items.join('')}</feed>
`
}

/** As text of an element or an attribute; what XML cannot hold at all is left out. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
