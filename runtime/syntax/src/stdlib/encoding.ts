import { toMap, toText } from '../convert/convert.ts'
import { CallError } from '../evaluate/call-error.ts'
import type { Value } from '../value.ts'
import { makeSecret } from '../value/secret.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { decodeJson, encodeJson } from './json.ts'
import { native } from './native-function.ts'
import { revealed } from './revealed.ts'
import { decodeUrl, encodeUrl } from './url.ts'
import { decodeYaml } from './yaml.ts'

export const encodingFunctions = [
  native('encoding.from_base64', [toText], (text) => decodeBase64(text, 'standard')),
  native('encoding.from_URLbase64', [toText], (text) => decodeBase64(text, 'url')),
  native('encoding.to_base64', [toText], (text) => encodeBase64(text, 'standard')),
  native('encoding.to_URLbase64', [toText], (text) => encodeBase64(text, 'url')),
  native('encoding.from_json', [toText], (text) => decodeJson(text)),
  native('encoding.to_json', [toMap], toJson),
  native('encoding.from_yaml', [toText], decodeYaml),
  native('encoding.url_encode', [toText], encodeUrl),
  native('encoding.url_decode', [toText], decodeUrl),
]

function toJson(object: Value): Value {
  const { value, secret } = revealed([object])
  const text = encodeJson(value[0]!)
  if (text === undefined) {
    const reason = 'found a function, capsule or number that JSON cannot hold, want plain values'
    throw new CallError('invalid-argument', reason, { argument: 0 })
  }
  return secret ? makeSecret(text) : text
}
