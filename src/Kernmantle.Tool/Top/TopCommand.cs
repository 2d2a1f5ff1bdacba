using System.CommandLine;
using System.Globalization;
using System.Text;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Output;
using Spectre.Console;

namespace Kernmantle.Tool.Top;

/// <summary><c>kern top</c>: watches the pools of a running program that lets itself be watched. It can do nothing to it.</summary>
internal static class TopCommand
{
    private const int KeptRecords = 200;

    private const string Notes = """
        Examples:
          kern top                  the one program that is switched on
          kern top 4711             that of these which has this process id
          kern top --once           one look, and no more; also where the output is redirected
          kern top --json           the same as JSON, as docs/dashboard.md describes it

        A program is switched on by Inspector.SwitchOn().Listen(), or by KERNMANTLE_TOP=1 in its environment. Its user and root can watch it.
        q or Ctrl-C ends.
        """;

    private static readonly Argument<string?> Program = new("program")
    {
        Description = "Its process id, or the path of its socket. Without, the one that is there.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Once = new("--once") { Description = "Show it once, and end." };

    private static readonly Option<bool> Json = new("--json") { Description = "One snapshot as JSON, with the whole log." };

    public static Command Create()
    {
        ToolCommand command = new("top", "Watches the pools of a running program: workers, calls, slow functions, deaths, the log.", Notes) { Program, Once, Json };
        command.Runs(static async (parsed, session) =>
        {
            using ShownProgram program = ShownProgram.Open(SocketOf(parsed.GetValue(Program)));
            if (parsed.GetValue(Json))
                return await WriteJsonAsync(program, session);
            return parsed.GetValue(Once) || session.Screen.IsPlain || !session.Screen.Out.Profile.Capabilities.Ansi
                ? await ShowOnceAsync(program, session)
                : await WatchAsync(program, session);
        });
        return command;
    }

    /// <exception cref="ToolException">There is none, or more than one.</exception>
    private static string SocketOf(string? named)
    {
        if (named is not null && int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            return ShownProgram.OfProcess(id) ?? throw new ToolException($"No program with the process id {id} lets itself be watched by you.", HowToSwitchOn);
        if (named is not null)
            return named;
        return ShownProgram.Found() switch
        {
            [] => throw new ToolException("No running program of yours lets itself be watched.", HowToSwitchOn),
            [var only] => only,
            var several => throw new ToolException(
                $"{several.Count} programs let themselves be watched: {string.Join(", ", several.Select(static socket => Path.GetFileNameWithoutExtension(socket)))}.", "Name one: kern top, and its process id."),
        };
    }

    private const string HowToSwitchOn = "Have it call Inspector.SwitchOn().Listen(), or start it with KERNMANTLE_TOP=1.";

    private static async Task<int> WriteJsonAsync(ShownProgram program, ToolSession session)
    {
        (_, string json) = await program.NextAsync(session.Stopping) ?? throw HasEnded();
        await Console.Out.WriteLineAsync(json);
        return ExitCodes.Success;
    }

    /// <summary>Two snapshots, so that it can say how fast things go.</summary>
    private static async Task<int> ShowOnceAsync(ShownProgram program, ToolSession session)
    {
        (ProgramSnapshot first, _) = await program.NextAsync(session.Stopping) ?? throw HasEnded();
        (ProgramSnapshot second, _) = await program.NextAsync(session.Stopping) ?? throw HasEnded();
        Write(session.Screen, second, first, [.. first.Log, .. second.Log]);
        return ExitCodes.Success;
    }

    private static async Task<int> WatchAsync(ShownProgram program, ToolSession session)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(session.Stopping);
        EndOnKey(ending);
        ProgramSnapshot? before = null;
        List<LogSnapshot> records = [];
        Console.Out.Write("\e[?1049h\e[?25l");   // the terminal's other page, without a cursor: what was there before comes back
        try
        {
            while (await program.NextAsync(ending.Token) is { } next)
            {
                records.AddRange(next.Snapshot.Log);
                records.RemoveRange(0, Math.Max(0, records.Count - KeptRecords));
                Console.Out.Write(Frame(next.Snapshot, before, records, session.Screen.Out.Profile.Width, Console.WindowHeight));
                before = next.Snapshot;
            }
        }
        catch (OperationCanceledException) when (!session.Stopping.IsCancellationRequested)
        {
            return ExitCodes.Success;   // a key
        }
        finally
        {
            Console.Out.Write("\e[?25h\e[?1049l");
        }
        session.Screen.Line("The program has ended.");
        return ExitCodes.Success;
    }

    /// <summary>What overwrites the frame before: each line to its end, and what is below, as high as the window.</summary>
    private static string Frame(ProgramSnapshot now, ProgramSnapshot? before, IReadOnlyList<LogSnapshot> records, int width, int height)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        IAnsiConsole drawn = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.No });
        drawn.Profile.Width = width;
        Write(new(drawn, drawn, IsLive: true), now, before, records);
        StringBuilder frame = new("\e[H");
        frame.AppendJoin("\e[K\n", text.ToString().ReplaceLineEndings("\n").Split('\n').Take(Math.Max(height - 1, 1)));
        return frame.Append("\e[K\n\e[0m q ends\e[J").ToString();
    }

    private static void Write(Screen screen, ProgramSnapshot now, ProgramSnapshot? before, IReadOnlyList<LogSnapshot> records)
    {
        foreach (TextTable table in TopTables.Of(now, before))
            TableWriter.Write(screen, table, ColourOf);
        if (records.Count > 0)
            TableWriter.Write(screen, TopTables.Log(records), ColourOf);
    }

    private static Style ColourOf(int column, string text) => text switch
    {
        "Broken" or "missing" or "Error" or "Critical" => new(Color.Red),
        "Degraded" or "Draining" or "starting" or "Warning" => new(Color.Yellow),
        "Running" or "busy" => new(Color.Green),
        _ => Style.Plain,
    };

    /// <summary>Reads keys on a thread of its own, which ends with the program.</summary>
    private static void EndOnKey(CancellationTokenSource ending)
    {
        if (Console.IsInputRedirected)
            return;
        new Thread(() =>
        {
            while (Console.ReadKey(intercept: true).KeyChar is not ('q' or 'Q'))
            {
            }
            ending.Cancel();
        })
        { IsBackground = true, Name = "keys" }.Start();
    }

    private static ToolException HasEnded() => new("The program has ended.", "", ExitCodes.Incomplete);
}
