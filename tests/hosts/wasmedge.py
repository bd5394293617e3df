import verdicts


def judge(program, modules):
    raise verdicts.Absent("not written yet")
