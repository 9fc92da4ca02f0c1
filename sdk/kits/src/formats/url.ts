import type { FormatMistake } from '../format-error.ts'

/** A URL as Go's `net/url` reads it: relative ones too. */
export function checkUrl(text: string): FormatMistake | undefined {
  const control = text.search(controls)
  if (control >= 0) return mistake('a control character, want none', control, control + 1)
  const hash = text.indexOf('#')
  const rest = hash < 0 ? text : text.slice(0, hash)
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(rest)
  if (rest.startsWith(':')) return mistake('":" without a scheme in front of it', 0, 1, schemeAdvice(text))
  const start = scheme ? scheme[0].length : 0
  // What follows a scheme without a slash is opaque: `mailto:…`, and `localhost:9090`.
  if (scheme && !rest.startsWith('/', start)) return undefined
  if (!scheme && /^[^/?]*:/.test(rest)) {
    const colon = rest.indexOf(':')
    return mistake(
      '":" in the first part of a path, want a scheme in front of it',
      colon,
      colon + 1,
      schemeAdvice(text),
    )
  }
  const query = rest.indexOf('?')
  const pathEnd = query < 0 ? rest.length : query
  if (!rest.startsWith('//', start)) return checkEscapes(rest, start, pathEnd)
  const slash = rest.indexOf('/', start + 2)
  const hostEnd = slash < 0 || slash > pathEnd ? pathEnd : slash
  return checkAuthority(rest, start + 2, hostEnd) ?? checkEscapes(rest, hostEnd, pathEnd)
}

/** An absolute URL of a web server, as clients want it. */
export function checkHttpUrl(text: string): FormatMistake | undefined {
  const wrong = checkUrl(text)
  if (wrong) return wrong
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(text)
  if (!scheme) {
    const reason = text === '' ? 'nothing, want an http or https URL' : 'no scheme, want an http or https URL'
    return mistake(reason, 0, text.length, schemeAdvice(text))
  }
  if (!/^https?$/i.test(scheme[1]!)) {
    return mistake(`the scheme "${scheme[1]}", want http or https`, 0, scheme[1]!.length)
  }
  const host = /^[^/?#]*/.exec(text.slice(scheme[0].length))![0].replace(/^.*@/, '')
  if (host !== '' && !host.startsWith(':')) return undefined
  return mistake('no host, want one', scheme[0].length, Math.min(scheme[0].length + 1, text.length))
}

// oxlint-disable-next-line no-control-regex -- what it looks for
const controls = /[\u0000-\u001f\u007f]/

/** User, host and port. */
function checkAuthority(text: string, start: number, end: number): FormatMistake | undefined {
  const at = text.lastIndexOf('@', end - 1)
  const hostStart = at >= start ? at + 1 : start
  const host = text.slice(hostStart, end)
  const bracket = host.startsWith('[') ? host.indexOf(']') : 0
  if (bracket < 0) return mistake('"[" without a "]"', hostStart, hostStart + 1)
  const bad = host.slice(bracket === 0 ? 0 : bracket + 1).search(/[\s^`{|}\\]/)
  if (bad >= 0) {
    const place = hostStart + (bracket === 0 ? 0 : bracket + 1) + bad
    return mistake(`"${text[place]}" in the host, where it may not be`, place, place + 1)
  }
  const port = /:([^:]*)$/.exec(bracket === 0 ? host : host.slice(bracket + 1))
  if (port && !/^\d*$/.test(port[1]!)) {
    const portStart = end - port[1]!.length
    return mistake(`the port "${port[1]}", want a number`, portStart, end)
  }
  return checkEscapes(text, start, end)
}

function checkEscapes(text: string, start: number, end: number): FormatMistake | undefined {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text.slice(start, end))
  if (!bad) return undefined
  const at = start + bad.index
  const found = text.slice(at, Math.min(at + 3, end))
  return mistake(`"${found}", want two hexadecimal digits after "%"`, at, at + found.length, 'write %25 for "%"')
}

function schemeAdvice(text: string): string | undefined {
  const bare = text.replace(/^[:/]+/, '')
  return /^[\w.-]+(?::\d+)?(?:[/?]|$)/.test(bare) ? `write "http://${bare}"` : undefined
}

function mistake(found: string, start: number, end: number, advice?: string): FormatMistake {
  return { reason: `found ${found}`, start, end, advice }
}
