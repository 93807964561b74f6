import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { describeServers } from './describe-servers.ts'
import { runHyperkit } from './start-command.ts'

describeServers('remotes', ({ id, cwd, dialect, run, client, environment, newcomer }) => {
  test('the remotes of both clients are listed, and which one is the default', async () => {
    const { stdout } = await run('remote', 'list', '--client', 'incus')
    expect(stdout).toMatch(
      /\| main \(default\) +\| incus +\| https:\/\/127\.0\.0\.1:\d+ \| incus +\| tls +\|/,
    )
    const all = JSON.parse((await run('remote', 'list', '--json')).stdout) as {
      client: string
      name: string
    }[]
    expect(all.map(({ client }) => client)).toContain('lxc')
  })

  test('remote-list reports what it does not understand beside the list, with the file', async () => {
    const { home, run: runOwn } = newcomer('muddled')
    const files = { incus: join(home, 'incus/config.yml'), lxc: join(home, 'lxc/config.yml') }
    for (const file of Object.values(files)) mkdirSync(dirname(file), { recursive: true })
    writeFileSync(
      files.incus,
      'remotes:\n  good: {addr: "https://10.1.0.7:8443", public: true}\n  hub: {addr: "https://docker.io", protocol: oci}\n  bad: {}\n',
    )
    writeFileSync(files.lxc, 'remotes: [\n')
    const { code, stdout, stderr } = await runOwn('remote', 'list', '--json')
    expect(code).toBe(0)
    const listed = JSON.parse(stdout) as {
      name: string
      file?: string
      disabled?: string
      protocol: string
    }[]
    expect(listed.map(({ name }) => name)).toEqual(['local', 'good', 'hub', 'bad'])
    expect(listed.find(({ name }) => name === 'good')).toMatchObject({ file: files.incus })
    expect(listed.find(({ name }) => name === 'bad')?.disabled).toContain('it has no "addr"')
    expect(listed.find(({ name }) => name === 'hub')).toMatchObject({ protocol: 'oci' })
    expect(stderr).not.toContain('hub')
    expect(stderr).toContain(`lxc: Cannot read client configuration: ${files.lxc}:`)
    for (const [name, why] of [
      ['bad:', 'it has no "addr"'],
      ['lxc:local:', `${files.lxc}:`],
      ['elsewhere:', `${files.lxc}:`],
    ] as const) {
      const told = await runOwn('list', name)
      expect([name, told.code, told.stderr]).toEqual([name, 1, expect.stringContaining(why)])
    }
  })

  test('a token made here lets a fresh client in, which then lists images', async () => {
    const token = (await run('trust', 'token', `main:${id}`)).stdout.trim()
    const { home, run: runOwn } = newcomer('fresh')
    const added = await runOwn('remote', 'add', 'first', token)
    expect([added.code, added.stderr]).toMatchObject([0, expect.stringContaining('Added remote "first"')])
    const folder = dialect === 'lxd' ? 'lxc' : 'incus'
    const written = readFileSync(join(home, folder, 'config.yml'), 'utf8')
    expect(written).toMatch(/first:\n {4}addr: https:/)
    // A new configuration lists the built-in remotes for `incus`, which treats a missing one as removed. It does not list them
    // for `lxc`, which has them anyway, with newer addresses than a file.
    expect(/images:\n {4}addr: https:/.test(written)).toBe(dialect === 'incus')
    expect((await runOwn('list', 'first:')).code).toBe(0)
    // If the name is taken, the token is not used up.
    const other = (await run('trust', 'token', `main:${id}`)).stdout.trim()
    const again = await runOwn('remote', 'add', 'first', other)
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringContaining('has a remote of that name already'),
    ])
    const second = newcomer('second')
    expect((await second.run('remote', 'add', 'second', other)).code).toBe(0)
    const trusted = await client().certificates.list()
    for (const { name, fingerprint } of trusted)
      if (name === id) await client().certificates.delete(fingerprint)
  })

  test('without a terminal an unknown certificate is not accepted, and nothing is written', async () => {
    const { run: runOwn } = newcomer('doubt')
    const [{ url = '' } = {}] = [JSON.parse((await run('remote', 'list', '--json')).stdout)]
      .flat()
      .filter(({ name }: { name: string }) => name === 'main')
      .map(({ addresses }: { addresses: string[] }) => ({ url: addresses[0] }))
    const { code, stderr } = await runOwn('remote', 'add', 'doubt', url)
    expect(code).toBe(1)
    expect(stderr).toMatch(/Certificate of https:\S+: [0-9a-f]{64}\n/)
    expect(stderr).toContain('there is no terminal')
    const strange = await runOwn('remote', 'add', 'doubt', url, '--accept-certificate')
    expect([strange.code, strange.stderr]).toEqual([
      1,
      expect.stringContaining('does not trust this client yet'),
    ])
    expect((await runOwn('remote', 'list')).stdout).not.toContain('doubt')
    const asAnybody = await runOwn('remote', 'add', 'doubt', url, '--accept-certificate', '--public')
    expect(asAnybody).toMatchObject({ code: 0 })
    expect((await runOwn('remote', 'list')).stdout).toContain('doubt')
  })

  test('a dry run of remote add asks the server and writes nothing', async () => {
    const { home, run: runOwn } = newcomer('dry')
    const token = (await run('trust', 'token', `main:dry-${id}`)).stdout.trim()
    const dry = await runOwn('remote', 'add', 'dry', token, '--dry-run')
    expect([dry.code, dry.stdout]).toEqual([
      0,
      expect.stringMatching(/^would make .*\nwould let https:\S+ trust this client\nwould add /),
    ])
    const streams = ['remote', 'add', 'dry', 'https://images.example.org', '--protocol', 'simplestreams']
    const shown = await runOwn(...streams, '--client', 'incus', '--dry-run')
    expect(shown.stdout).toBe(`would add remote "dry" to ${join(home, 'incus/config.yml')}\n`)
    // Only these two folders are checked, because Bun and Deno keep caches in the home folder.
    expect(['incus', 'lxc'].filter((folder) => existsSync(join(home, folder)))).toEqual([])
    // The token was not used up.
    const [address] = JSON.parse(Buffer.from(token, 'base64').toString()).addresses
    writeFileSync(join(cwd, 'token'), `${token}\n`)
    const add = ['remote', 'add', 'dry', address, '--token-file', join(cwd, 'token')]
    expect(await runOwn(...add)).toMatchObject({ code: 0 })
    for (const { name, fingerprint } of await client().certificates.list())
      if (name === `dry-${id}`) await client().certificates.delete(fingerprint)
  })

  test('comments in a configuration stay where they are', async () => {
    const home = join(cwd, `comments-${id}`)
    const own = { cwd, environment: { ...environment(), HOME: home } }
    const file = join(environment().INCUS_CONF ?? '', 'config.yml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, `# mine\n${before}`)
    const added = await runHyperkit(
      ['remote', 'add', 'streams', 'https://images.example.org', '--protocol', 'simplestreams'],
      own,
    )
    expect(added).toMatchObject({ code: 0 })
    const after = readFileSync(file, 'utf8')
    expect(after).toContain('# mine\n')
    expect(after).toContain(
      'streams:\n    addr: https://images.example.org\n    protocol: simplestreams\n    public: true',
    )
    expect(after).toContain('main:')
    writeFileSync(file, before)
  })

  test('the doctor reports the configurations that are read, problems in them, and how the clients differ', async () => {
    const { home, environment: its } = newcomer('patient')
    const variables = { ...its, INCUS_CONF: '', LXD_CONF: '', XDG_CONFIG_HOME: join(home, 'xdg') }
    const files = ['xdg/incus', '.config/incus', '.config/lxc'].map((path) => join(home, path, 'config.yml'))
    for (const file of files) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, 'remotes:\n  odd: {addr: "https://x", protocol: ftp}\n')
    }
    const told = await runHyperkit(['doctor', 'odd:'], { cwd, environment: variables })
    expect([told.code, told.stdout]).toEqual([1, expect.stringContaining('PROBLEM odd: reach: ')])
    const [read = '', old = '', lxc = ''] = files
    expect(told.stdout).toContain(
      `ok      incus: configuration: ${read}; 2 remotes, including the built-in ones\n`,
    )
    expect(told.stdout).toContain(`warning incus: configuration: ${old} exists too, but is not read\n`)
    expect(told.stdout).toContain(`ok      lxc: configuration: ${lxc}; `)
    expect(told.stdout.match(/warning \w+: configuration: remote "odd" cannot be used/g)).toHaveLength(2)
    writeFileSync(lxc, 'remotes: [\n')
    const broken = await runHyperkit(['doctor', 'odd:'], { cwd, environment: variables })
    expect(broken.stdout).toContain(`PROBLEM lxc: configuration: Cannot read client configuration: ${lxc}:`)
  })

  test('the doctor finds no fault in a good server, and reports a client that is not trusted', async () => {
    const { code, stdout } = await run('doctor', 'main:')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^ok {6}main: reach: (LXD|Incus) \S* ?answers and trusts/),
    ])
    expect(stdout).toContain('ok      main: images: this client sees all of them, and their aliases\n')
    expect(stdout).toContain('certificate of the server')
    expect(stdout).toContain('clock: same as on this machine')
    const stranger = await createSelfSignedCertificate({ commonName: 'stranger' })
    const folder = environment().INCUS_CONF ?? ''
    const [crt, key] = [join(folder, 'clientcerts/main.crt'), join(folder, 'clientcerts/main.key')]
    const before = [readFileSync(crt), readFileSync(key)] as const
    writeFileSync(crt, stranger.certificate)
    writeFileSync(key, stranger.key)
    const told = await run('doctor', 'main:')
    writeFileSync(crt, before[0])
    writeFileSync(key, before[1])
    expect([told.code, told.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^PROBLEM main: trust: .*: its certificate [0-9a-f]{12} is not in its trust store; enrol /,
      ),
    ])
    const nobody = await run('doctor', 'nowhere:')
    expect([nobody.code, nobody.stdout]).toEqual([1, expect.stringContaining('PROBLEM nowhere: reach:')])
  })

  test('the doctor warns about a certificate restricted to default if that lets it read trust tokens', async () => {
    const { certificate } = await createSelfSignedCertificate({ commonName: `held-${id}` })
    await client().certificates.create(`held-${id}`, { certificate, projects: ['default'] })
    const { dialect, version } = await client().server()
    const { code, stdout } = await run('doctor', 'main:', '--json')
    const found = (JSON.parse(stdout) as { subject: string; status: string; detail: string }[]).filter(
      ({ subject }) => subject === 'restricted certificates',
    )
    const isMended = dialect.kind === 'incus' && Number(version?.split('.')[0]) >= 7
    expect([code, found.map(({ status }) => status)]).toEqual([0, isMended ? [] : ['warning']])
    if (!isMended) expect(found[0]?.detail).toContain(`"held-${id}"`)
  })
})
