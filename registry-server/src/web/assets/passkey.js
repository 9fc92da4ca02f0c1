// Makes and uses passkeys, where the browser can. Everywhere else its forms stay hidden: passwords and codes will do.
if (globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void submit(form)
    })
  }
}

async function submit(form) {
  const button = form.querySelector('button')
  const alert = form.querySelector('[role=alert]')
  button.disabled = true
  alert.hidden = true
  try {
    await { register, 'sign-in': signIn, 'second-factor': secondFactor }[form.dataset.passkey](form)
  } catch (error) {
    alert.textContent =
      error.name === 'NotAllowedError' ? 'No passkey was used: it was refused, or took too long.' : error.message
    alert.hidden = false
  }
  button.disabled = false
}

async function register(form) {
  const options = await post('/api/v1/account/passkeys/options')
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const made = await navigator.credentials.create({ publicKey })
  const answer = await post('/api/v1/account/passkeys', { name: form.elements.name.value, response: made.toJSON() })
  if (answer.recoveryCodes.length === 0) return location.assign('/account')
  const shown = document.querySelector('#passkey-codes')
  shown.querySelector('code').textContent = answer.recoveryCodes.join('\n')
  shown.hidden = false
  form.hidden = true
  shown.scrollIntoView({ block: 'center' })
}

async function signIn(form) {
  await post('/api/v1/session/passkey', { response: await use('sign-in') })
  location.assign(form.dataset.next)
}

async function secondFactor(form) {
  await post('/api/v1/session/second-factor', { passkey: await use('second-factor') })
  location.assign(form.dataset.next)
}

async function use(purpose) {
  const options = await post('/api/v1/session/passkey/options', { for: purpose })
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  return (await navigator.credentials.get({ publicKey })).toJSON()
}

async function post(path, body) {
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(path, { method: 'POST', ...json })
  const answer = await response.json()
  if (response.ok) return answer
  throw new Error(answer.hint ? `${answer.detail}: ${answer.hint}` : answer.detail)
}
