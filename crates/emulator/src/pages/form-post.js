// Posts the answer to the app at once, as Entra ID does; without script a button does.
document.getElementById("form-post").submit();
