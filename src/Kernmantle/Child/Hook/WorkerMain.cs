using System.Reflection;
using System.Runtime.Loader;
using Kernmantle.Wire.Start;

namespace Kernmantle.Child.Hook;

/// <summary>
/// The entry point of this assembly: where the host can start it in the program's place, with the program's own lists of dependencies and settings, a worker begins here
/// and not in a start-up hook, which the runtime needs a fifth of the whole start to find. Otherwise as in the program: its assembly is the entry assembly.
/// </summary>
internal static class WorkerMain
{
    private const int NotByHand = 2;

    /// <param name="args">The path of the program's assembly.</param>
    public static int Main(string[] args)
    {
        if (args.Length != 1 || !WorkerEntry.TryTake(out WorkerTicket ticket))
        {
            Console.Error.WriteLine("Kernmantle.dll is a library. Its entry point is for the worker processes that it starts; a program is started by its own name.");
            return NotByHand;
        }
        Assembly.SetEntryAssembly(AssemblyLoadContext.Default.LoadFromAssemblyPath(args[0]));
        NameProgram(args[0]);
        WorkerEntry.Run(ticket);
        return 0;
    }

    /// <summary>
    /// <see cref="Environment.GetCommandLineArgs"/> begins with the program, as in a worker that is started through the hook. No part of the platform's promise: a runtime
    /// that keeps it elsewhere says <c>Kernmantle.dll</c> there, with the program as its argument. By reflection: an accessor would have the runtime take a type's name
    /// apart, which costs as much as finding a hook.
    /// </summary>
    private static void NameProgram(string program) =>
        typeof(Environment).GetField("s_commandLineArgs", BindingFlags.Static | BindingFlags.NonPublic)?.SetValue(null, (string[])[program]);
}
