using System.Diagnostics;
using System.Runtime.Versioning;
using Kernmantle.Python.Tests.Pools;

namespace Kernmantle.Python.Tests.Interpreters;

/// <summary>Variables of the whole process are changed: nothing else runs meanwhile.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

/// <summary>Which interpreter is taken, and what is said of one that is none.</summary>
[SupportedOSPlatform("linux")]
[Collection(typeof(Alone))]
[Interpreter("python3")]
public sealed class InterpreterTests : PythonTests, IDisposable
{
    private static readonly string[] Names = ["KERNMANTLE_PYTHON", "VIRTUAL_ENV", "PATH", "JAVA_HOME"];

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly string?[] before = [.. Names.Select(Environment.GetEnvironmentVariable)];

    public void Dispose()
    {
        for (int i = 0; i < Names.Length; i++)
            Environment.SetEnvironmentVariable(Names[i], before[i]);
        Directory.Delete(folder, true);
    }

    /// <summary>An interpreter of its own: a script that says where it is, and starts the real one.</summary>
    private string Wrapper(string name)
    {
        return Script(name, $"export KERNMANTLE_TEST_WRAPPER={name}\nexec {Executable} \"$@\"");
    }

    private string Script(string name, string text)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static async Task<string?> WrapperOf(string? interpreter)
    {
        await using var pool = new PythonPool(1, new() { Interpreter = interpreter });
        return await pool.EvalAsync<string?>("__import__('os').environ.get('KERNMANTLE_TEST_WRAPPER')").WaitAsync(Deadline);
    }

    [Fact]
    public async Task The_option_comes_first_then_the_variable_the_virtual_environment_and_the_path()
    {
        string byOption = Wrapper("option"), byVariable = Wrapper("variable");
        Wrapper("venv/bin/python");
        Wrapper("path/python3");
        string variablePath = byVariable;
        Environment.SetEnvironmentVariable("KERNMANTLE_PYTHON", variablePath);
        Environment.SetEnvironmentVariable("VIRTUAL_ENV", Path.Combine(folder, "venv"));
        Environment.SetEnvironmentVariable("PATH", Path.Combine(folder, "path") + ":" + before[2]);
        Assert.Equal("option", await WrapperOf(byOption));
        Assert.Equal("variable", await WrapperOf(null));
        Assert.Equal("path/python3", await WrapperOf("python3"));   // a bare name is looked for in PATH
        Environment.SetEnvironmentVariable("KERNMANTLE_PYTHON", null);
        Assert.Equal("venv/bin/python", await WrapperOf(null));
        Environment.SetEnvironmentVariable("VIRTUAL_ENV", "");
        Assert.Equal("path/python3", await WrapperOf(null));
        Environment.SetEnvironmentVariable("PATH", Path.Combine(folder, "empty"));
        Assert.Contains("Install Python", Assert.Throws<PythonNotFoundException>(() => new PythonPool()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_virtual_environment_is_entered()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "/usr/bin/python3 is not installed.");
        string venv = Path.Combine(folder, "venv");
        using (var make = Process.Start("/usr/bin/python3", ["-m", "venv", "--without-pip", venv]))
            await make.WaitForExitAsync(new CancellationTokenSource(Deadline).Token);
        Assert.SkipUnless(File.Exists(Path.Combine(venv, "bin", "python")), "python3-venv is not installed.");
        Environment.SetEnvironmentVariable("KERNMANTLE_PYTHON", null);
        Environment.SetEnvironmentVariable("VIRTUAL_ENV", venv);
        await using var pool = new PythonPool(1);
        Assert.Equal(venv, await pool.EvalAsync<string>("__import__('sys').prefix").WaitAsync(Deadline));
    }

    [Fact]
    public void What_is_no_file_to_execute_is_refused_when_the_pool_is_made()
    {
        string Refused(string interpreter) => Assert.Throws<PythonNotFoundException>(() => new PythonPool(1, new() { Interpreter = interpreter })).Message;
        Assert.Contains("/no/such/python", Refused("/no/such/python"), StringComparison.Ordinal);
        Assert.Contains("PythonPoolOptions.Interpreter", Refused("no-such-python"), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refused(folder), StringComparison.Ordinal);
        string plain = Path.Combine(folder, "plain");
        File.WriteAllText(plain, "");
        File.SetUnixFileMode(plain, UnixFileMode.UserRead);
        Assert.Contains("cannot be executed", Refused(plain), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable("KERNMANTLE_PYTHON", "/no/such/variable");
        Assert.Contains("KERNMANTLE_PYTHON", Assert.Throws<PythonNotFoundException>(() => new PythonPool()).Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable("KERNMANTLE_PYTHON", null);
        Environment.SetEnvironmentVariable("VIRTUAL_ENV", folder);
        Assert.Contains("VIRTUAL_ENV", Assert.Throws<PythonNotFoundException>(() => new PythonPool()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exec /bin/true", "exited with code 0")]
    [InlineData("echo no python today >&2\nexit 3", "no python today")]
    [InlineData("head -c 100000 /dev/urandom >&3", "")]
    [InlineData("printf 'HTTP/1.1 200 OK\\r\\n\\r\\n' >&3\nexec sleep 600", "broke the protocol")]
    [InlineData("kill -SEGV $$", "SIGSEGV")]
    [InlineData("exec 3<&- 4<&-\nexec sleep 600", "closed its channel")]
    public async Task What_is_no_Python_breaks_the_pool_with_the_cause(string script, string told)
    {
        string path = Script("interpreter", script);
        await using var pool = new PythonPool(1, new() { Interpreter = path, RestartLimit = 1 });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.CallAsync<int>("len", "abc").WaitAsync(Deadline));
        Assert.Contains(told, broken.Message, StringComparison.Ordinal);
        Assert.IsType<WorkerCrashedException>(broken.InnerException);
    }

    [Fact]
    public async Task What_is_no_program_at_all_breaks_the_pool_with_the_cause()
    {
        string path = Script("interpreter", "");
        await File.WriteAllBytesAsync(path, [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 0]);
        await using var pool = new PythonPool(1, new() { Interpreter = path, RestartLimit = 1 });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.CallAsync<int>("len", "abc").WaitAsync(Deadline));
        Assert.Contains(path, broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_never_answers_is_given_up_after_the_start_timeout()
    {
        string path = Script("interpreter", "exec sleep 600");
        await using var pool = new PythonPool(1, new() { Interpreter = path, RestartLimit = 0, StartTimeout = TimeSpan.FromMilliseconds(200) });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.CallAsync<int>("len", "abc").WaitAsync(Deadline));
        Assert.Contains("was not ready after", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_too_old_is_told()
    {
        // The loader sees what sys.version_info says, whatever runs it.
        string path = Script("interpreter", $"code=$2\nexec {Executable} -c 'import sys; sys.version_info = (3, 6, 9); sys.version = \"3.6.9 (old)\"; exec(sys.argv.pop(1))' \"$code\" \"$3\"");
        await using var pool = new PythonPool(1, new() { Interpreter = path, RestartLimit = 0 });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync().WaitAsync(Deadline));
        Assert.Contains("Kernmantle needs Python 3.8 or later; this is 3.6.9", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_Jython_and_no_Java_are_refused_when_the_pool_is_made()
    {
        string Refused() => Assert.Throws<PythonNotFoundException>(() => new PythonPool(1, new() { Interpreter = "jython" })).Message;
        Environment.SetEnvironmentVariable("PATH", folder);
        Environment.SetEnvironmentVariable("JAVA_HOME", Path.Combine(folder, "nowhere"));
        Assert.Contains("apt-get install", Refused(), StringComparison.Ordinal);
        string launcher = Script("jython", "exec java");
        Assert.Contains($"'{launcher}' needs Java", Refused(), StringComparison.Ordinal);
        Script("java", "");
        new PythonPool(1, new() { Interpreter = "jython" }).Dispose();
        File.Delete(Path.Combine(folder, "java"));
        Script("home/bin/java", "");
        Environment.SetEnvironmentVariable("JAVA_HOME", Path.Combine(folder, "home"));
        new PythonPool(1, new() { Interpreter = "jython" }).Dispose();
    }

    [Fact]
    public async Task What_is_called_jython_and_is_none_is_told()
    {
        Script("bin/java", "");
        Environment.SetEnvironmentVariable("PATH", Path.Combine(folder, "bin") + ":" + before[2]);
        string path = Script("jython", $"exec {Executable} \"$@\"");
        await using var pool = new PythonPool(1, new() { Interpreter = path, RestartLimit = 0 });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync().WaitAsync(Deadline));
        Assert.Contains("no Jython, though its name says so", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_launcher_that_starts_another_interpreter_elsewhere_compiles_nothing_for_the_workers()
    {
        string log = Path.Combine(folder, "log");
        string path = Script("interpreter", $"echo \"$1 $KERNMANTLE_TEST_A\" >>{log}\nexec {Executable} \"$@\"");
        await using var pool = new PythonPool(1, new() { Interpreter = path, Environment = new Dictionary<string, string?> { ["KERNMANTLE_TEST_A"] = "a" } });
        for (int i = 0; i < 5; i++)
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>("os:_exit", 1).WaitAsync(Deadline));
        Assert.All(await File.ReadAllLinesAsync(log), static line => Assert.Equal("-c a", line));
    }

    [Fact]
    public async Task Environment_and_working_directory_are_as_told()
    {
        var options = new PythonPoolOptions { WorkingDirectory = folder, Environment = new Dictionary<string, string?> { ["KERNMANTLE_TEST_A"] = "ä", ["HOME"] = null } };
        await using var pool = new PythonPool(1, options);
        Assert.Equal(folder, await pool.EvalAsync<string>("__import__('os').getcwd()").WaitAsync(Deadline));
        Assert.Equal("ä", await pool.EvalAsync<string>("__import__('os').environ['KERNMANTLE_TEST_A']"));
        Assert.False(await pool.EvalAsync<bool>("'HOME' in __import__('os').environ"));
    }
}
