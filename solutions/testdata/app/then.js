// A right app.js without async and await.
const problem = (text) => Promise.reject(new Error(text));

const answer = (path, options) =>
  fetch(path, options).then(
    (resp) => resp.json().then((data) => ({ status: resp.status, data }), () => ({ status: resp.status, data: undefined })),
    () => ({ status: 0, data: undefined }),
  );

export function login(username, password) {
  const headers = new Headers();
  headers.append("Content-Type", "application/json");
  return answer("./token", { method: "post", headers, body: JSON.stringify({ password, username }) }).then(({ status, data }) => {
    switch (status) {
      case 200:
        if (data === undefined) return problem("There was a problem in the login request");
        localStorage["jwt-token"] = data.token;
        return data;
      case 400:
        return problem("Invalid email or password format");
      case 401:
        return problem("Invalid credentials");
      default:
        return problem("There was a problem in the login request");
    }
  });
}

export function getMyTasks() {
  const token = localStorage["jwt-token"];
  if (token === undefined) return problem("Missing or invalid token");
  return answer("./protected", { headers: [["authorization", "Bearer " + token]] }).then(({ status, data }) => {
    if (status === 401 || status === 403 || status === 422) {
      delete localStorage["jwt-token"];
      return problem("Missing or invalid token");
    }
    return status === 200 && data !== undefined ? data : problem("Unknown error");
  });
}

export const logout = () => { delete localStorage["jwt-token"]; };
