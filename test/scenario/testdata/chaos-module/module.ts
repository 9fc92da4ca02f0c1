export default {
  name: '@ingot/chaos',
  version: '0.1.0',
  description: 'Components that misbehave when a line asks for it.',
  license: 'Apache-2.0',
  components: ['changer', 'gate', 'ticker'],
}
