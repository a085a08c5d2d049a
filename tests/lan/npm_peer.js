// SPDX-License-Identifier: LGPL-2.1-or-later
// bonjour-service (npm) as a peer, on a host without avahi-daemon, with build/npm in NODE_PATH.
//
// npm_peer.js publish TYPE LABEL PORT [KEY=VALUE]…   until SIGTERM
// npm_peer.js browse TYPE                            prints a JSON line an event
//
// TYPE has neither an underscore nor a protocol: bonjour-service adds both.
'use strict';

const { Bonjour } = require('bonjour-service');

const say = (event) => process.stdout.write(JSON.stringify(event) + '\n');
const describe = (event, service) => say({
  event, name: service.name, host: service.host, port: service.port,
  addresses: service.addresses, properties: service.txt, subtypes: service.subtypes,
});

const bonjour = new Bonjour({}, (error) => say({ event: 'error', message: String(error) }));
const [command, type, name, port, ...pairs] = process.argv.slice(2);

if (command === 'publish') {
  const txt = Object.fromEntries(pairs.map((pair) => pair.split('=', 2)));
  bonjour.publish({ type, name, port: Number(port), host: 'npm-peer.local', txt })
    .on('up', () => say({ event: 'published' }));
} else {
  bonjour.find({ type })
    .on('up', (service) => describe('add', service))
    .on('down', (service) => describe('remove', service));
  say({ event: 'browsing' });
}

process.on('SIGTERM', () => bonjour.unpublishAll(() => bonjour.destroy(() => process.exit(0))));
