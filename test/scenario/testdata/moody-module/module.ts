export default {
  name: '@acme/moody',
  version: '1.0.0',
  description: 'A third-party component that misbehaves when a line asks for it.',
  license: 'Apache-2.0',
  components: ['pass'],
}
