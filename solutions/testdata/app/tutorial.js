// The two functions as the tutorial has them, each with export before it.
export const login = async (username, password) => {
     const resp = await fetch(`https://your_api.com/token`, { 
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ username, password }) 
     })

     if(!resp.ok) throw Error("There was a problem in the login request")

     if(resp.status === 401){
          throw("Invalid credentials")
     }
     else if(resp.status === 400){
          throw ("Invalid email or password format")
     }
     const data = await resp.json()
     localStorage.setItem("jwt-token", data.token);

     return data
}

export const getMyTasks = async () => {
     const token = localStorage.getItem('jwt-token');

     const resp = await fetch(`https://your_api.com/protected`, {
        method: 'GET',
        headers: { 
          "Content-Type": "application/json",
          'Authorization': 'Bearer ' + token
        } 
     })

     if(!resp.ok) {
          throw Error("There was a problem in the login request")
     }
     else if(resp.status === 403) {
         throw Error("Missing or invalid token");
     }
     else {
         throw Error("Unknown error");
     }

     const data = await resp.json();
     console.log("This is the data you requested", data);
     return data
}

export const logout = () => localStorage.removeItem("jwt-token")
