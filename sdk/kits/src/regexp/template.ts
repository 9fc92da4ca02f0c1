/** A replacement with `$1`, `${1}`, `$name`, `${name}` and `$$`, in the notation of Go's `regexp.Expand`, read once. */
export interface Template {
  readonly parts: readonly (string | { readonly group: string | number })[]
  /** Whether it names no group: then it is `text`, whatever matched. */
  readonly constant: boolean
  readonly text: string
}

export function compileTemplate(template: string): Template {
  const parts: (string | { group: string | number })[] = []
  let text = ''
  const reference = /\$(?:\$|(\w+)|\{([^{}]*)\})/y
  for (let at = 0; at < template.length;) {
    reference.lastIndex = at
    const found = template[at] === '$' ? reference.exec(template) : null
    const name = found?.[1] ?? found?.[2]
    if (found && name === undefined) text += '$'
    else if (found && /^\w+$/.test(name!)) {
      if (text) parts.push(text)
      text = ''
      parts.push({ group: /^\d+$/.test(name!) ? Number(name) : name! })
    } else text += template[at]
    at += found && (name === undefined || /^\w+$/.test(name)) ? found[0].length : 1
  }
  if (text) parts.push(text)
  const constant = parts.every((part) => typeof part === 'string')
  return { parts, constant, text: constant ? parts.join('') : template }
}

/** The text of a template for one match. Groups that do not exist or did not take part are empty. */
export function expandTemplate(template: Template, match: RegExpExecArray): string {
  if (template.constant) return template.text
  let text = ''
  for (const part of template.parts) {
    if (typeof part === 'string') text += part
    else text += (typeof part.group === 'number' ? match[part.group] : match.groups?.[part.group]) ?? ''
  }
  return text
}
