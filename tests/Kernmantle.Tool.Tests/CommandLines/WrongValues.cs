namespace Kernmantle.Tool.Tests.CommandLines;

/// <summary>What no option of a kind can mean; by the name that the help gives to its value.</summary>
internal static class WrongValues
{
    private static readonly string[] NoNumbers =
    [
        "abc", "", " ", "1,5", "1.5.2", "-1", "0", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "1'000", "99999999999999999999999", "1e400",
        "٣", "１", "½", "@1", "@/etc/hostname", "1s", "+1", " 1", "1\n2", "--", "--verbose", "\e[31m1", "1 2",
    ];

    private static readonly string[] NoFiles =
    [
        "", "/nowhere/file", "nowhere/file", "/", ".", "..", "/dev/null/file", "/proc/nothing/file", "/etc/hostname/file", "@nowhere/file", "@/etc/hostname",
        "~nobody/file", "$NOWHERE/file", "file:///nowhere/file", "no\nsuch/file", "\e[31m/file", "*/file", "--", new('x', 5000), "nowhere/", "//nowhere//file",
    ];

    private static readonly string[] NoInputs = [.. NoFiles, "/nowhere/*", "*.nothing", "nowhere/**/*.json", "[", "@", "@@", "@*"];

    private static readonly string[] NoInterpreters = [.. NoFiles, "no-such-python", "python3 -u", "@python3", "python3\n", "PYTHON3!"];

    public static string[] Of(string? name) => name switch
    {
        null => ["=abc", "=2", "=1", "=-1", "=yes", "=on", "=1,0", "=@", "=@/etc/hostname", "=tru", "= ", "=true false", "=\n", "=NaN", "=null", "=--", "=0x1", "=٣", "=\e", "=\"true\""],
        "n" => [.. NoNumbers, "1.5", "1e3", "2147483648"],
        "minutes" => [.. NoNumbers, "100001", ".", "1e3", "0.001"],
        "seed" => [.. NoNumbers.Except(["0"]), "1.5", "9223372036854775808"],
        "s" => [.. NoNumbers, "0.0000001", "1000001", ".", "1e3"],
        "bytes" => [.. NoNumbers, "1", "M", "1K", "4MB", "4 M", "1.5G", "1,5G", "-1M", "K4M", "4194303", "9223372036854775808", "9223372036854775807G", "8388608T", "1e9", "٤M", "@4M"],
        "file" or "file.jsonl" => NoFiles,
        "glob" => NoInputs,
        "pattern|@file" => [.. NoInputs.Except(["@/etc/hostname"]), "@/etc", "@nowhere"],
        "path" => NoInterpreters,
        "folder" => [.. NoFiles.Except(["/", ".", ".."]), "/etc/hostname", "-", "nowhere", "@", "/nowhere"],
        "file.py:function" => [.. NoFiles, ":", ":f", "file.py:", "file.py", "/nowhere.py:f", "/etc/hostname", "@file.py:f"],
        "thread|process" or "process|thread" => ["", " ", "abc", "Thread", "Process", "threads", "1", "0", "-1", "thread,process", "thread|process", "@thread", "@/etc/hostname", "thread ", " process", "null", "\n", "\e", "--", "ｐ", "inline"],
        _ => throw new InvalidOperationException($"Say here which values of <{name}> are wrong."),
    };
}
