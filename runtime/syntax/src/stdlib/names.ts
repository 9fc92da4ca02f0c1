/** Old names of functions, still accepted, and the names to write instead. */
export const deprecatedNames: Readonly<Record<string, string>> = {
  concat: 'array.concat',
  nonsensitive: 'convert.nonsensitive',
  base64_decode: 'encoding.from_base64',
  json_decode: 'encoding.from_json',
  yaml_decode: 'encoding.from_yaml',
  format: 'string.format',
  join: 'string.join',
  replace: 'string.replace',
  split: 'string.split',
  to_lower: 'string.to_lower',
  to_upper: 'string.to_upper',
  trim: 'string.trim',
  trim_prefix: 'string.trim_prefix',
  trim_suffix: 'string.trim_suffix',
  trim_space: 'string.trim_space',
  env: 'sys.env',
}

/** Functions that only a collector started with `--stability.level=experimental` may use. */
export const experimentalNames: ReadonlySet<string> = new Set(['array.combine_maps', 'array.group_by'])
