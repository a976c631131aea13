using System.Text.Json.Serialization;

namespace Gateway.Proxy.Answers;

/// <summary>The JSON form of an own answer.</summary>
internal sealed record AnswerBody(int Status, string Reason, string Message, string RequestId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AnswerBody))]
internal sealed partial class AnswerJson : JsonSerializerContext;
