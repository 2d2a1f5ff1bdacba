namespace Extension;

public static class Entry
{
    public static string Version(string text) => $"{typeof(Newtonsoft.Json.JsonConvert).Assembly.GetName().Version} {Newtonsoft.Json.JsonConvert.SerializeObject(text)}";
}
