export interface FunctionDocs {
  readonly signature: string
  readonly docs: string
}

const entry = (signature: string, docs: string): FunctionDocs => ({ signature, docs })

/** How the functions of the standard library are called; the test beside this file holds the signatures to the facts about Alloy. */
export const functionDocs: Readonly<Record<string, FunctionDocs>> = {
  'array.concat': entry('array.concat(lists… list(any)) list(any)', 'One list of the elements of several.'),
  'array.combine_maps': entry(
    'array.combine_maps(lhs list(map(any)), rhs list(map(any)), keys list(string), passthrough_lhs bool = false) list(map(any))',
    'Joins the maps of two lists whose values of `keys` are equal. Experimental.',
  ),
  'array.group_by': entry(
    'array.group_by(items list(map(any)), key string, drop_missing bool) list(object{<key>:string, items:list})',
    'Groups maps by the value of one key. Experimental.',
  ),
  coalesce: entry('coalesce(values… any) any', 'The first value that is not empty; the last one when all are.'),
  json_path: entry(
    'json_path(json string, path string) list(any)',
    'What a JSONPath expression selects from JSON text.',
  ),
  'convert.nonsensitive': entry('convert.nonsensitive(value secret) string', 'The text of a secret, no longer secret.'),
  'encoding.from_base64': entry('encoding.from_base64(in string) string', 'Decodes standard base64.'),
  'encoding.from_URLbase64': entry('encoding.from_URLbase64(in string) string', 'Decodes base64 as used in URLs.'),
  'encoding.from_json': entry('encoding.from_json(in string) any', 'The value that JSON text stands for.'),
  'encoding.from_yaml': entry('encoding.from_yaml(in string) any', 'The value that YAML text stands for.'),
  'encoding.to_base64': entry('encoding.to_base64(in string) string', 'Encodes as standard base64.'),
  'encoding.to_URLbase64': entry('encoding.to_URLbase64(in string) string', 'Encodes as base64 for URLs.'),
  'encoding.to_json': entry('encoding.to_json(in map(any)) string', 'A value as JSON text.'),
  'encoding.url_encode': entry('encoding.url_encode(in string) string', 'Escapes text for the query of a URL.'),
  'encoding.url_decode': entry('encoding.url_decode(in string) string', 'Reads text from the query of a URL.'),
  'file.path_join': entry('file.path_join(elems… string) string', 'Joins parts of a path.'),
  'string.format': entry('string.format(spec string, args… any) string', 'Text with values in place of `%s`, `%d`, …'),
  'string.join': entry('string.join(list list(string), separator string) string', 'The texts of a list in one.'),
  'string.replace': entry(
    'string.replace(string string, substring string, replacement string) string',
    'Replaces every occurrence.',
  ),
  'string.split': entry('string.split(string string, separator string) list(string)', 'The parts of a text.'),
  'string.to_lower': entry('string.to_lower(string string) string', 'The text in lower case.'),
  'string.to_upper': entry('string.to_upper(string string) string', 'The text in upper case.'),
  'string.trim': entry('string.trim(string string, cutset string) string', 'Removes characters from both ends.'),
  'string.trim_prefix': entry('string.trim_prefix(string string, prefix string) string', 'Removes a beginning.'),
  'string.trim_suffix': entry('string.trim_suffix(string string, suffix string) string', 'Removes an ending.'),
  'string.trim_space': entry('string.trim_space(string string) string', 'Removes white space from both ends.'),
  'sys.env': entry('sys.env(name string) string', 'An environment variable; empty when it is not set.'),
}
