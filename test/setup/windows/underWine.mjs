/**
 * Loaded into Node.js for Windows before what a test runs in it, under Wine.
 *
 * - Wine fails a connection whose socket is to be kept alive.
 * - Wine makes symbolic links for everybody; Windows does for nobody who did not ask for it (Developer Mode).
 * - Wine has one home for all programs. The variable `TEST_HOME` names another.
 * - Nobody outside can press Ctrl-Break in a console of Wine. So a file does, named by the variable `TEST_CTRL_BREAK`: what Node.js does when
 *   it is pressed is done when the file comes into being.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

net.Socket.prototype.setKeepAlive = function setKeepAlive() {
  return this;
};

const refusal = (path) =>
  Object.assign(new Error(`EPERM: operation not permitted, symlink '${path}'`), {
    code: 'EPERM',
    errno: -4048,
    syscall: 'symlink',
    path,
  });
fs.symlinkSync = (_target, path) => {
  throw refusal(path);
};
fs.symlink = (_target, path, ...rest) => process.nextTick(() => rest.at(-1)(refusal(path)));
fs.promises.symlink = (_target, path) => Promise.reject(refusal(path));
syncBuiltinESMExports();

const home = process.env.TEST_HOME;
if (home !== undefined) {
  const folders = { USERPROFILE: home, APPDATA: `${home}\\Roaming`, LOCALAPPDATA: `${home}\\Local` };
  Object.assign(process.env, folders);
}

const file = process.env.TEST_CTRL_BREAK;
if (file !== undefined) {
  const timer = setInterval(() => {
    if (!fs.existsSync(file)) return;
    clearInterval(timer);
    process.emit('SIGBREAK', 'SIGBREAK', 21);
  }, 20);
  timer.unref();
}
