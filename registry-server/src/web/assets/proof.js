// Computes what the provenance page says, from what the registry serves and nothing else.
const section = document.querySelector('.proof')
const button = section.querySelector('button')
const list = section.querySelector('ol')
const text = new TextEncoder()
const subtle = globalThis.crypto?.subtle

if (subtle) {
  button.hidden = false
  button.addEventListener('click', () => void check())
}

async function check() {
  button.disabled = true
  list.replaceChildren()
  list.hidden = false
  const { module, version, fingerprint } = section.dataset
  try {
    const [bundle, rootEnvelope] = await Promise.all([
      fetchJson(`/m/${module}/${version}/bundle.json`),
      fetchJson('/keys/root.json'),
    ])
    const root = JSON.parse(utf8(rootEnvelope.payload))
    await step('The root keys are those of the fingerprint, and have signed the list of keys', async () => {
      const { keyids, threshold } = root.roles.root
      // Canonical JSON of two fields whose names are in order.
      const keys = JSON.stringify({ keyids: [...new Set(keyids)].sort((a, b) => (a < b ? -1 : 1)), threshold })
      want(`sha256:${hex(await hash('SHA-256', text.encode(keys)))}` === fingerprint, 'another fingerprint')
      want((await signersOf(rootEnvelope, root.keys, keyids)).length >= threshold, 'too few of them have signed')
    })
    const statement = JSON.parse(utf8(bundle.statement.payload))
    await step('A publish key of the registry has signed the statement', async () => {
      const { keyids, threshold } = root.roles.publish
      const all = [...new Set([...keyids, ...Object.keys(root.keys)])]
      want((await signersOf(bundle.statement, root.keys, all)).length >= threshold, 'no signature that holds')
    })
    await step('The module that is served is the one that the statement names', async () => {
      const [{ name, digest }] = statement.subject
      want(name === `ingot:${module}@${version}`, `a statement about ${name}`)
      const blob = await fetch(`/blobs/sha512/${digest.sha512}`)
      want(blob.ok, `status ${blob.status}`)
      want(hex(await hash('SHA-512', await blob.arrayBuffer())) === digest.sha512, 'other bytes')
    })
    const checkpoint = parseCheckpoint(bundle.inclusion.checkpoint)
    await step(`The statement is entry ${bundle.inclusion.index} of the log of ${checkpoint.size}`, async () => {
      const entry = await entryOf(bytes(bundle.statement.payload), bundle.inclusion.salt)
      const leaf = await hash('SHA-256', join([0], entry))
      const found = await rootOf(leaf, bundle.inclusion.index, checkpoint.size, bundle.inclusion.proof.map(bytes))
      want(base64(found) === checkpoint.root, 'another root')
    })
    await step("The log's key has signed that log", async () => {
      const keys = (root.roles.log?.keyids ?? []).map((id) => root.keys[id])
      const held = await Promise.all(keys.map((key) => verify(key, checkpoint.signature, text.encode(checkpoint.text))))
      want(held.includes(true), 'no signature of a key that the root document lists for it')
    })
  } catch (error) {
    show('bad', 'The check has stopped', error.message)
  }
  button.disabled = false
}

async function step(title, run) {
  try {
    await run()
    show('good', title, 'Checked here.')
  } catch (error) {
    show('bad', title, `Not so: found ${error.message}.`)
  }
}

function show(kind, title, detail) {
  const item = document.createElement('li')
  item.className = kind
  const head = document.createElement('strong')
  head.textContent = title
  const line = document.createElement('p')
  line.className = 'small soft'
  line.textContent = detail
  item.append(head, line)
  list.append(item)
}

function want(holds, found) {
  if (!holds) throw new Error(found)
}

async function fetchJson(path) {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`status ${answer.status} of ${path}`)
  return answer.json()
}

// Ids of the keys among `ids` whose signature of the envelope holds.
async function signersOf({ payloadType, payload, signatures }, keys, ids) {
  const body = bytes(payload)
  const type = text.encode(payloadType)
  const signed = join(text.encode(`DSSEv1 ${type.length} `), type, text.encode(` ${body.length} `), body)
  const known = signatures.filter(({ keyid }) => ids.includes(keyid) && keys[keyid])
  const held = await Promise.all(known.map(({ keyid, sig }) => verify(keys[keyid], bytes(sig), signed)))
  return known.filter((_, place) => held[place])
}

async function verify({ spki }, signature, data) {
  const key = await subtle.importKey('spki', bytes(spki), 'Ed25519', false, ['verify'])
  return subtle.verify('Ed25519', key, signature, data)
}

// What stands in the log: of what is private a commitment, as canonical JSON, which the salt opens.
async function entryOf(statement, salt) {
  if (salt === undefined) return statement
  const commitment = `sha256-${base64(await hash('SHA-256', join(bytes(salt), statement)))}`
  return text.encode(JSON.stringify({ commitment, type: 'urn:ingot:private:v1' }))
}

// The root that an entry and its proof lead to (RFC 6962): the proof is from the leaf upwards.
async function rootOf(leaf, index, size, proof) {
  const left = [...proof]
  const climb = async (at, width) => {
    if (width === 1) return leaf
    const sibling = left.pop()
    want(sibling !== undefined, 'a proof that is too short')
    let split = 1
    while (split * 2 < width) split *= 2
    return at < split ? node(await climb(at, split), sibling) : node(sibling, await climb(at - split, width - split))
  }
  const root = await climb(index, size)
  want(left.length === 0, 'a proof that is too long')
  return root
}

function node(left, right) {
  return hash('SHA-256', join([1], left, right))
}

function parseCheckpoint(note) {
  const end = note.lastIndexOf('\n\n') + 1
  const signed = note.slice(0, end)
  const [, size, root] = signed.split('\n')
  const signature = bytes(
    note
      .slice(end + 1)
      .split('\n')[0]
      .split(' ')
      .at(-1),
  ).slice(4)
  return { text: signed, size: Number(size), root, signature }
}

async function hash(name, data) {
  return new Uint8Array(await subtle.digest(name, data))
}

function join(...parts) {
  return new Uint8Array(parts.flatMap((part) => [...part]))
}

function bytes(base64Text) {
  return Uint8Array.from(atob(base64Text), (character) => character.charCodeAt(0))
}

function base64(data) {
  return btoa(String.fromCharCode(...data))
}

function hex(data) {
  return [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function utf8(base64Text) {
  return new TextDecoder().decode(bytes(base64Text))
}
