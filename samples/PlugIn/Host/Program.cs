using Kernmantle;
using Microsoft.Extensions.Logging.Abstractions;
using PlugIn.Contract;
using PlugIn.Host;

// The plug-in's folder is all the host knows of it.
string plugIn = Path.Combine(AppContext.BaseDirectory, "plugins", "PlugIn.Text", "PlugIn.Text.dll");
if (!File.Exists(plugIn))
{
    Console.Error.WriteLine($"PlugIn.Host: there is no plug-in {plugIn}.");
    return 2;
}

// A crashing plug-in writes pages of stack trace: they are part of the failure, and not repeated on the console.
await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "plug-ins", LoggerFactory = NullLoggerFactory.Instance });

Console.WriteLine("A plug-in in a process of its own:");
await using (Remote<ITextPlugIn> plain = await pool.CreateAsync(static path => PlugInLoader.Load(path), plugIn))
{
    await TransformAsync(plain, "first words");
    await TransformAsync(plain, "second words");
    Console.WriteLine($"  calls served by this object: {await plain.CallAsync(static p => p.Calls)}");
    await TransformAsync(plain, "(it recurses without end");
    await TransformAsync(plain, "words after the crash");
}

Console.WriteLine("The same, created again when it is lost:");
await using (Remote<ITextPlugIn> recreated = await pool.CreateAsync(static path => PlugInLoader.Load(path), plugIn, new RemoteOptions { Recreate = true }))
{
    await TransformAsync(recreated, "first words");
    await TransformAsync(recreated, "(it recurses without end");
    await TransformAsync(recreated, "words after the crash");
    Console.WriteLine($"  calls served by this object: {await recreated.CallAsync(static p => p.Calls)} (its state was lost)");
}

bool loadedHere = AppDomain.CurrentDomain.GetAssemblies().Any(static assembly => assembly.GetName().Name is "PlugIn.Text" or "PlugIn.Words");
Console.WriteLine(loadedHere ? "The plug-in was loaded in the host: that is a fault." : "The host lives, and never loaded a line of the plug-in.");
return loadedHere ? 1 : 0;

static async Task TransformAsync(Remote<ITextPlugIn> plugIn, string text)
{
    try
    {
        Console.WriteLine($"  {text} -> {await plugIn.CallAsync(static (p, text) => p.Transform(text), text)}");
    }
    catch (WorkerException failure)
    {
        // The message of a crash goes on with causes and log lines; its first line says what happened.
        Console.WriteLine($"  {text} -> {failure.GetType().Name}: {failure.Message.Split('\n')[0]}");
    }
}
