# The man pages: prose in man/*.in, and what the option tables know, from the program itself.

MAN_IN := $(sort $(wildcard man/*.1.in))
MAN_OUT := $(MAN_IN:man/%.in=$(BUILD)/man/%)

.PHONY: man
man: $(MAN_OUT)

$(BUILD)/man/%.1: man/%.1.in man/expand.awk $(BUILD)/wasme
	@mkdir -p $(@D)
	awk -v wasme=$(BUILD)/wasme -v version=$(VERSION) -v command=$(patsubst wasme-%,%,$*) \
		-f man/expand.awk $< > $@.new
	@mv $@.new $@

COMPLETIONS := $(BUILD)/completions/wasme $(BUILD)/completions/_wasme $(BUILD)/completions/wasme.fish

$(BUILD)/completions/wasme: $(BUILD)/wasme
	@mkdir -p $(@D)
	$(BUILD)/wasme completion bash > $@

$(BUILD)/completions/_wasme: $(BUILD)/wasme
	@mkdir -p $(@D)
	$(BUILD)/wasme completion zsh > $@

$(BUILD)/completions/wasme.fish: $(BUILD)/wasme
	@mkdir -p $(@D)
	$(BUILD)/wasme completion fish > $@

# Made each time, since BINDIR may be another one.
.PHONY: units
$(BUILD)/systemd/%: systemd/%.in units
	@mkdir -p $(@D)
	sed 's,@BINDIR@,$(BINDIR),g' $< > $@

.PHONY: install
install: $(BUILD)/wasme $(MAN_OUT) $(COMPLETIONS) $(BUILD)/systemd/wasme-serve.service
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(BASHCOMPDIR) \
		$(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR) $(DESTDIR)$(SYSTEMDDIR)
	install -m 755 $(BUILD)/wasme $(DESTDIR)$(BINDIR)/wasme
	install -m 644 $(MAN_OUT) $(DESTDIR)$(MANDIR)/man1/
	install -m 644 $(BUILD)/completions/wasme $(DESTDIR)$(BASHCOMPDIR)/wasme
	install -m 644 $(BUILD)/completions/_wasme $(DESTDIR)$(ZSHCOMPDIR)/_wasme
	install -m 644 $(BUILD)/completions/wasme.fish $(DESTDIR)$(FISHCOMPDIR)/wasme.fish
	install -m 644 $(BUILD)/systemd/wasme-serve.service systemd/wasme-serve.socket $(DESTDIR)$(SYSTEMDDIR)/

.PHONY: uninstall
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/wasme $(DESTDIR)$(BASHCOMPDIR)/wasme \
		$(DESTDIR)$(ZSHCOMPDIR)/_wasme $(DESTDIR)$(FISHCOMPDIR)/wasme.fish \
		$(DESTDIR)$(SYSTEMDDIR)/wasme-serve.service $(DESTDIR)$(SYSTEMDDIR)/wasme-serve.socket \
		$(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(MAN_OUT)))
