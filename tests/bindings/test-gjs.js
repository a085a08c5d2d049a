// SPDX-License-Identifier: LGPL-2.1-or-later

// The API from JavaScript, in memory: a smoke test.

imports.gi.versions.Disco = '1';
const {Disco, Gio, GLib} = imports.gi;
const ByteArray = imports.byteArray;
const System = imports.system;

Gio._promisify(Disco.LocalAgent.prototype, 'register_async', 'register_finish');
Gio._promisify(Disco.LocalAgent.prototype, 'service_async', 'service_finish');
Gio._promisify(Disco.LocalAgent.prototype, 'services_async', 'services_finish');
Gio._promisify(Disco.LocalAgent.prototype, 'leave_async', 'leave_finish');
Gio._promisify(Disco.Watcher.prototype, 'next_async', 'next_finish');

function assertEqual(actual, expected) {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (is !== should)
        throw new Error(`${is} is not ${should}`);
}

function makeRegistration(id, port = 80) {
    const registration = new Disco.Registration({name: '_http._tcp', port, id, tags: ['a', 'b']});
    registration.set_attribute('path', new GLib.Bytes('/'));
    return registration;
}

async function announceAndWatch(agent) {
    const service = await agent.service_async('http', ['a'], null);
    const watcher = service.watch();
    assertEqual((await watcher.next_async(null)).length, 0);
    assertEqual(await agent.register_async(makeRegistration('one'), null), 'one');
    let [event] = await watcher.next_async(null);
    assertEqual([event.get_operation(), event.get_instance().id, event.get_previous()],
        [Disco.Operation.ADD, 'one', null]);
    agent.update('one', makeRegistration('one', 81), null);
    [event] = await watcher.next_async(null);
    assertEqual([event.get_operation(), event.get_instance().port, event.get_previous().port],
        [Disco.Operation.UPDATE, 81, 80]);

    const services = await agent.services_async(null, null);
    assertEqual(Object.keys(services), ['http']);
    const [instance] = services['http'].get_instances();
    assertEqual([instance.tags, instance.addresses], [['a', 'b'], ['127.0.0.1']]);
    const [value, present] = instance.get_attribute('path');
    assertEqual([ByteArray.toString(value.toArray()), present], ['/', true]);

    const diff = new Disco.Diff();
    assertEqual(diff.apply([instance]).length, 1);
    assertEqual(diff.apply([]).map(gone => gone.get_operation()), [Disco.Operation.REMOVE]);

    watcher.close();
    let closed = false;
    try {
        await watcher.next_async(null);
    } catch (error) {
        closed = error.matches(Disco.Error, Disco.Error.CLOSED);
    }
    assertEqual(closed, true);
}

async function followInAList(agent) {
    const rows = new Disco.InstanceList({service: agent.open_service('http', null)});
    const changed = new Promise(resolve => {
        rows.connect('items-changed', (_, ...change) => resolve(change));
    });
    assertEqual([rows.n_items, rows.synced], [1, true]);
    agent.register(makeRegistration('two'), null);
    assertEqual(await changed, [1, 0, 1]);
    assertEqual(rows.get_item(1).id, 'two');
}

async function main() {
    const agent = new Disco.LocalAgent();
    await announceAndWatch(agent);
    await followInAList(agent);
    assertEqual(await agent.leave_async(null), true);
}

const loop = new GLib.MainLoop(null, false);
let status = 1;
main()
    .then(() => {
        status = 0;
    })
    .catch(error => printerr(`${error}\n${error.stack}`))
    .finally(() => loop.quit());
loop.run();
System.exit(status);
