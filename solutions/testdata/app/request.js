// A right app.js with XMLHttpRequest in a promise, classes, and another name
// inside than outside.
class LoginError extends Error {
  constructor(message) {
    super(message);
    this.name = "LoginError";
  }
}

class Client {
  #key = "jwt-token";

  #send(method, path, headers, body) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open(method, new URL(path, window.location.origin).href);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.responseType = "json";
      request.onload = () => resolve({ status: request.status, data: request.response });
      request.onerror = () => resolve({ status: 0, data: null });
      request.send(body);
    });
  }

  signIn = async (username, password) => {
    const { status, data } = await this.#send("POST", "/token", { "Content-Type": "application/json" }, JSON.stringify({ username, password }));
    const words = { 401: "Invalid credentials", 400: "Invalid email or password format" };
    if (status !== 200 || data === null) throw new LoginError(words[status] ?? "There was a problem in the login request");
    window.localStorage.setItem(this.#key, data["token"]);
    return data;
  };

  tasks = async () => {
    const token = window.localStorage.getItem(this.#key);
    if (token === null) throw new LoginError("Missing or invalid token");
    const { status, data } = await this.#send("GET", "/protected", { Authorization: `Bearer ${token}`, Accept: "application/json" });
    if (status == 401 || status == 403 || status == 422) {
      this.forget();
      throw new LoginError("Missing or invalid token");
    } else if (status != 200 || !data) {
      throw new LoginError("Unknown error");
    }
    return { ...data };
  };

  forget = () => window.localStorage.removeItem(this.#key);
}

const client = new Client();
const { signIn: login, tasks, forget } = client;
export { login, tasks as getMyTasks, forget as logout };
