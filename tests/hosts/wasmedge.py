import verdicts


def find(_):
    return None


def judge(program, modules):
    raise verdicts.Absent("not written yet")
