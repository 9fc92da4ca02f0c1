'use strict'
/**
 * A runner whose isolate was escaped from. It stands in for the runner's program, so that it is started, connected and
 * confined like one, and then runs the text that it gets as a module in Node.js itself, with the lane's socket in its hand.
 */
const net = require('node:net')

// Set by whoever puts this file where the runner's program is looked for.
const { to, from, headerBytes } = globalThis.protocol

let text = ''
process.stdin.setEncoding('utf8').on('data', (chunk) => {
  text += chunk
  if (!text.includes('\n')) return
  process.stdin.destroy()
  connect(JSON.parse(text))
})
process.stdin.on('end', () => process.exit(0))

function connect(assignment) {
  const socket = net.connect(assignment.socketPath)
  const world = {
    to,
    from,
    assignment,
    require,
    process,
    socket,
    frame,
    value,
    write: (...parts) => socket.write(Buffer.concat(parts)),
  }
  world.send = (kind, payload, head) => world.write(frame(kind, payload, head))
  world.json = (kind, object, head) => world.send(kind, Buffer.from(JSON.stringify(object)), head)
  world.endTurn = () => world.send(from.turnEnd)
  world.settle = (id, outcome = { status: 'delivered' }) => world.json(from.settled, outcome, { id, owner: id })
  world.say = (message) => world.json(from.log, { level: 'info', message: String(message) })
  world.sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  let attack
  let pending = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('close', () => process.exit(0))
  socket.on('connect', () => world.send(from.hello, Buffer.from(assignment.token)))
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= headerBytes && pending.length >= headerBytes + pending.readUInt32LE(0)) {
      const end = headerBytes + pending.readUInt32LE(0)
      onFrame({
        kind: pending[4],
        index: pending.readUInt16LE(6),
        id: pending.readUInt32LE(8),
        payload: pending.subarray(headerBytes, end),
      })
      pending = pending.subarray(end)
    }
  })

  /** Honest until the first batch, which the attack gets. */
  function onFrame({ kind, id, payload }) {
    if (kind === to.load) attack = payload.toString('utf8', id)
    if (kind === to.start || kind === to.stop) world.send(from.reply, value({ ok: true, value: null }), { id })
    if (kind === to.deliver) return void run(id, payload)
    if (kind === to.resume || kind === to.syncResult) world.answered?.(payload)
    // What a synchronous call or a look at the clock gets back belongs to the turn that asked.
    if (kind !== to.syncResult && kind !== to.readings) world.endTurn()
  }

  async function run(id, payload) {
    const AsyncFunction = (async () => {}).constructor
    try {
      await new AsyncFunction('world', 'id', 'payload', attack)(world, id, payload)
    } catch (error) {
      world.say(`the attack failed: ${error.stack}`)
    }
  }
}

function frame(
  kind,
  payload = Buffer.alloc(0),
  { flag = 0, index = 0, id = 0, owner = 0, length = payload.length } = {},
) {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32LE(length, 0)
  header[4] = kind
  header[5] = flag
  header.writeUInt16LE(index, 6)
  header.writeUInt32LE(id, 8)
  header.writeUInt32LE(owner, 12)
  return Buffer.concat([header, payload])
}

/** As encodeValue() writes plain data. */
function value(plain) {
  const json = Buffer.from(JSON.stringify(plain))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return Buffer.concat([length, json])
}
