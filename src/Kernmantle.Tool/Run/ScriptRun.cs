using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Kernmantle.Python;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Running;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Run;

/// <summary>A Python script as <c>__main__</c> in an interpreter of its own.</summary>
internal static class ScriptRun
{
    /// <param name="memory">The most address space, in bytes; null for no limit.</param>
    public static async Task<RunRecord> RunAsync(
        string script, string[] arguments, TimeSpan? timeout, long? memory, string? interpreter, ILoggerFactory? loggers, CancellationToken cancellationToken)
    {
        using Scratch scratch = new();
        string told = scratch.Path("usage");
        try
        {
            await using PythonPool pool = new(1, new()
            {
                Name = "run",
                Interpreter = interpreter,
                LoggerFactory = loggers,
                KillGrace = TimeSpan.Zero,
                DrainTimeout = TimeSpan.Zero,
                Setup = Setup(told, memory),
            });
            await pool.StartAsync(cancellationToken);   // its start is not the script's time
            long begin = Stopwatch.GetTimestamp();
            RunExit exit = await EndOfAsync(pool.RunScriptAsync(script, arguments, timeout is null ? null : new() { Timeout = timeout }, cancellationToken));
            exit = exit with { WallTime = Stopwatch.GetElapsedTime(begin) };
            return new(File.Exists(told) ? With(exit, File.ReadAllText(told)) : exit, null);
        }
        catch (PythonNotFoundException e)
        {
            throw NamedInterpreter.Missing(e);
        }
        catch (PoolBrokenException e)
        {
            throw new ToolException($"The interpreter does not start. {e.Message}", "Name another one by --python.", inner: e);
        }
    }

    internal static async Task<RunExit> EndOfAsync(Task<int> run)
    {
        try
        {
            int code = await run;
            return new RunExit(code == 0 ? WorkerExitReason.Completed : WorkerExitReason.Failed) with { ExitCode = code };
        }
        catch (CallTimeoutException e)
        {
            return new RunExit(WorkerExitReason.TimedOut, e);
        }
        catch (WorkerCrashedException e)
        {
            return new RunExit(WorkerExitReason.Crashed, e) with { ExitCode = e.ExitCode, Signal = e.Signal };
        }
        // The system's own limits: those of this shell (ulimit -t), and those of a container.
        catch (MemoryLimitException e)
        {
            return new RunExit(WorkerExitReason.MemoryLimit, e);
        }
        catch (CpuLimitException e)
        {
            return new RunExit(WorkerExitReason.CpuLimit, e);
        }
        catch (PythonException e)
        {
            return new RunExit(e.TypeName == "MemoryError" ? WorkerExitReason.MemoryLimit : WorkerExitReason.Failed, new ScriptFailedException(e.Traceback.TrimEnd(), e));
        }
    }

    private static RunExit With(RunExit exit, string told)
    {
        double[] numbers = [.. told.Split(' ').Select(static number => double.Parse(number, CultureInfo.InvariantCulture))];
        return exit with
        {
            CpuTime = TimeSpan.FromSeconds(numbers[0]),
            PeakMemoryBytes = (long)numbers[1],
            VoluntaryContextSwitches = (long)numbers[2],
            InvoluntaryContextSwitches = (long)numbers[3],
        };
    }

    private static string Setup(string told, long? memory)
    {
        using Stream resource = typeof(ScriptRun).Assembly.GetManifestResourceStream("run/kern_run.py") ?? throw new InvalidOperationException("The Python code is missing from this build.");
        // A JSON string is a Python string.
        string setup = $"{new StreamReader(resource).ReadToEnd()}\n_kern_tell({JsonSerializer.Serialize(told)})\n";
        return memory is null ? setup : string.Create(CultureInfo.InvariantCulture, $"{setup}import resource\nresource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))\n");
    }
}

/// <summary>The script raised: its traceback is the message.</summary>
internal sealed class ScriptFailedException(string traceback, Exception inner) : Exception(traceback, inner);
