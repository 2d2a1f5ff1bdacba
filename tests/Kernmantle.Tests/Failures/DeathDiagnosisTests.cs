using Kernmantle.Host.Death;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Tests.Failures;

/// <summary>What is made of a runtime's last words, of an exit status, and of the kernel's count of kills.</summary>
public sealed class DeathDiagnosisTests
{
    [Fact]
    public void The_words_of_a_fail_fast_are_the_users_and_not_the_runtimes()
    {
        LastWords words = Parse("Process terminated.", "Out of memory for licences", "and a second line", "   at System.Environment.FailFast(System.String)", "   at Shop.License.Check(Int32)", "   at Kernmantle.Child.CallRunner.Run(Kernmantle.Child.IncomingCall)", "   at StartupHook.Initialize()", "   at System.StartupHookProvider.CallStartupHook(Char*, Char*)");
        Assert.Equal((LastWordsKind.FailFast, "Out of memory for licences and a second line"), (words.Kind, words.Said));
        Assert.Equal(["Shop.License.Check(Int32)"], words.Frames);
    }

    [Fact]
    public void An_exception_is_told_with_its_inner_one_and_the_users_frame()
    {
        LastWords words = Parse("Unhandled exception. System.InvalidOperationException: nobody", " ---> System.FormatException: inner", "   at Shop.Parse()", "   --- End of inner exception stack trace ---", "   at Shop.Read()");
        Assert.Equal("System.InvalidOperationException: nobody ---> System.FormatException: inner", words.Said);
        Assert.Equal(["Shop.Parse()", "Shop.Read()"], words.Frames);
    }

    [Fact]
    public void A_bad_pointer_is_no_fail_fast()
    {
        LastWords words = Parse("Fatal error.", "System.AccessViolationException: Attempted to read or write protected memory.", "   at System.Runtime.InteropServices.Marshal.WriteInt32(IntPtr, Int32, Int32)", "   at Shop.Poke()", "   at StartupHook.Initialize()");
        WorkerException failure = Death(Signals.Abort, words).ToFailure(null);
        Assert.Contains("accessed memory that is not its own at Shop.Poke()", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("FailFast", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("StartupHook", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_extension_modules_is_no_cause()
    {
        LastWords words = Parse("Fatal Python error: Segmentation fault", "", "Current thread 0x00007f6e (most recent call first):", "  File \"/usr/lib/python3.12/ctypes/__init__.py\", line 519 in string_at", "  File \"/srv/shop.py\", line 5 in poke", "  File \"<kernmantle>\", line 900 in run", "", "Extension modules: numpy._core (total: 1)");
        Assert.Equal("Fatal Python error: Segmentation fault", words.Said);
        Assert.Equal("File \"/srv/shop.py\", line 5 in poke", words.Frames[0]);
        Assert.All(words.Frames, static f => Assert.DoesNotContain("kernmantle", f, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("terminate called after throwing an instance of 'std::bad_alloc'")]
    [InlineData("free(): double free detected in tcache 2")]
    [InlineData("*** stack smashing detected ***: terminated")]
    public void What_the_C_library_says_is_quoted(string line) =>
        Assert.Contains($"\"{line}\"", Death(Signals.Abort, Parse(line)).ToFailure(null).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(15, "asked it to end")]
    [InlineData(2, "interrupted it")]
    [InlineData(9, "killed it")]
    public void A_signal_by_somebody_is_no_crash_of_native_code_and_no_fault_of_a_start_up_hook(int signal, string cause)
    {
        foreach (bool atStart in (bool[])[false, true])
        {
            string message = (Death(signal, null) with { AtStart = atStart, LastLines = ["a line that has nothing to do with it"] }).ToFailure(null).Message;
            Assert.Contains(cause, message, StringComparison.Ordinal);
            Assert.DoesNotContain("native", message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("hook", message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("nothing to do with it", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("oom_kill_disable 0\nunder_oom 0\noom_kill {0}\n")]
    [InlineData("low 0\nhigh 0\nmax 7\noom 3\noom_kill {0}\noom_group_kill 0\n")]
    public void Each_kill_that_the_kernel_counts_explains_one_death(string format)
    {
        string file = Path.GetTempFileName();
        try
        {
            void Count(int kills) => File.WriteAllText(file, format.Replace("{0}", $"{kills}", StringComparison.Ordinal));
            Count(4);
            var kills = new MemoryKills(MemoryKills.Reader(file));
            kills.Look();
            Assert.False(kills.TakeOne());
            Count(6);
            Assert.True(kills.TakeOne());
            kills.Look();   // the replacement starts before the second death is told
            Assert.True(kills.TakeOne());
            Assert.False(kills.TakeOne());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Where_the_kernel_does_not_count_a_kill_is_somebodys()
    {
        var kills = new MemoryKills(MemoryKills.Reader("/no/such/file"));
        kills.Look();
        Assert.False(kills.TakeOne());
    }

    [Fact]
    public void A_kill_for_want_of_memory_is_a_failure_of_memory()
    {
        WorkerDeath death = Death(Signals.Kill, null) with { KilledForMemory = true };
        Assert.Contains("want of memory", Assert.IsType<MemoryLimitException>(death.ToFailure(null)).Message, StringComparison.Ordinal);
        Assert.Equal(WorkerExitReason.MemoryLimit, death.Reason);
    }

    [Theory]
    [InlineData("Shop.License.Check(Int32)", true)]
    [InlineData("Program.<Main>$(String[])", true)]
    [InlineData("Kernmantle.Victim.Misdeeds.Recurse(Int32)", true)]
    [InlineData("Kernmantle.Child.CallRunner.Run(Kernmantle.Child.IncomingCall)", false)]
    [InlineData("Kernmantle.WorkerPool.Run[T](System.Func`1<T>)", false)]
    [InlineData("StartupHook.Initialize()", false)]
    [InlineData("System.Threading.Thread.StartCallback()", false)]
    public void Frames_are_told_apart(string frame, bool user) => Assert.Equal(user, CodeOwner.IsUser(frame));

    private static LastWords Parse(params string[] lines) => LastWords.Parse(lines)!;

    private static WorkerDeath Death(int signal, LastWords? words) => new() { WorkerName = "w", ProcessId = 1, LastLines = [], Words = words, End = ProcessEnd.Unknown with { Signal = signal } };
}
