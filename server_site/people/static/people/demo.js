// Lab mode: a click fills in a demo person. Without JavaScript the buttons stay hidden.
for (const button of document.querySelectorAll("button.use")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.getElementById("id_login").value = button.dataset.username;
    document.getElementById("id_password").value = button.dataset.password;
    document.querySelector("form[action] .button.large").focus();
  });
}
