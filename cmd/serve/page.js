(function () {
  "use strict";
  var doc = document;
  var each = function (list, act) { Array.prototype.forEach.call(list, act); };
  var search = doc.getElementById("q");
  var rows = doc.querySelectorAll("table.list tbody tr");
  var status = doc.getElementById("status");

  /* Ages instead of dates, which are right however old the page is. */
  each(doc.querySelectorAll("time"), function (time) {
    var when = new Date(time.getAttribute("datetime"));
    var seconds = Math.max(0, (Date.now() - when) / 1000);
    var units = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]];
    if (isNaN(seconds)) return;
    time.title = when.toLocaleString();
    for (var i = 0; i < units.length; i++) {
      var count = Math.floor(seconds / units[i][1]);
      if (count < 1) continue;
      time.textContent = count + " " + units[i][0] + (count > 1 ? "s" : "") + " ago";
      return;
    }
    time.textContent = "just now";
  });

  function filter() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    each(rows, function (row) {
      if (!row.words) row.words = (row.getAttribute("data-words") + " " + row.textContent).toLowerCase();
      row.hidden = !words.every(function (word) { return row.words.indexOf(word) >= 0; });
      shown += row.hidden ? 0 : 1;
    });
    if (status) status.textContent = words.length ? shown + " of " + rows.length + " shown" : status.title;
  }

  if (search) {
    var served = search.defaultValue, timer;
    if (status) status.title = status.textContent;
    search.addEventListener("input", function () {
      clearTimeout(timer);
      if (search.value.indexOf(served) === 0) filter();
      else timer = setTimeout(function () { search.form.submit(); }, 400);
    });
    search.form.addEventListener("submit", function (event) {
      if (!served) event.preventDefault();
    });
    if (served) search.setSelectionRange(served.length, served.length);
    doc.addEventListener("keydown", function (event) {
      var on = doc.activeElement;
      if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey &&
          !(on && /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName))) {
        event.preventDefault();
        search.focus();
        search.select();
      }
      if (event.key === "Escape" && on === search && !served) {
        search.value = "";
        filter();
      }
    });
    if (served) search.focus();
    else if (search.value) filter();
  }

  function value(row, column) {
    var cell = row.children[column], number = cell.getAttribute("data-n");
    var time = cell.querySelector("time");
    if (number !== null) return Number(number);
    return time ? time.getAttribute("datetime") : cell.textContent.toLowerCase();
  }

  each(doc.querySelectorAll("table.list thead th"), function (head, column) {
    var button = doc.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () {
      var down = head.getAttribute("aria-sort") === "ascending";
      var body = rows.length ? rows[0].parentNode : null;
      each(head.parentNode.children, function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      Array.prototype.map.call(rows, function (row, at) { return [value(row, column), at, row]; })
        .sort(function (a, b) {
          var order = a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1];
          return down ? -order : order;
        })
        .forEach(function (item) { body.appendChild(item[2]); });
    });
  });

  function select(node) {
    var range = doc.createRange(), selection = window.getSelection();
    range.selectNodeContents(node);
    selection.removeAllRanges();
    selection.addRange(range);
  }

  /* Only pages from a secure origin have the clipboard; elsewhere the old command copies. */
  each(doc.querySelectorAll("code.copy, pre.copy"), function (code) {
    var button = doc.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + (code.getAttribute("data-what") || code.textContent));
    code.parentNode.insertBefore(button, code.nextSibling);
    button.addEventListener("click", function () {
      var done = function () {
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = "Copy"; }, 1500);
      };
      var old = function () {
        select(code);
        if (doc.execCommand("copy")) done();
      };
      if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, old);
      else old();
    });
  });
})();
